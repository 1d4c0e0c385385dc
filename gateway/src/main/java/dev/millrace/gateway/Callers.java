package dev.millrace.gateway;

import dev.millrace.gateway.http.Handler;
import dev.millrace.platform.call.Caller;
import io.grpc.Context;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who calls. As long as nobody has to prove it, that is whoever the client says it is: the user
 * name of its Basic credentials, which MLflow clients take from {@code MLFLOW_TRACKING_USERNAME}.
 */
final class Callers {

  private static final String SCHEME = "Basic ";
  private static final int MAX_CHARACTERS = 250;

  private Callers() {}

  /** Lets {@code next} make its calls in the name of the request's user. */
  static Handler identified(Handler next) {
    return request -> {
      Context context = new Caller(user(request.header("Authorization"))).context();
      Context before = context.attach();
      try {
        return next.handle(request);
      } finally {
        context.detach(before);
      }
    };
  }

  /** The user in a header; null if it names none. */
  static @Nullable String user(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String credentials;
    try {
      byte[] bytes = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
      credentials = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
    int colon = credentials.indexOf(':');
    String user = colon < 0 ? "" : credentials.substring(0, colon);
    boolean isName =
        !user.isBlank()
            && user.length() <= MAX_CHARACTERS
            && user.codePoints().noneMatch(Character::isISOControl);
    return isName ? user : null;
  }
}
