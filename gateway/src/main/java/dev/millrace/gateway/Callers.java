package dev.millrace.gateway;

import dev.millrace.gateway.http.Handler;
import dev.millrace.gateway.transcode.ErrorJson;
import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who calls. A job proves it by its token. As long as nobody else has to, that is whoever the
 * client says it is: the user name of its Basic credentials, which MLflow clients take from {@code
 * MLFLOW_TRACKING_USERNAME}.
 */
final class Callers {

  private static final String SCHEME = "Basic ";
  private static final String BEARER = "Bearer ";
  private static final int MAX_CHARACTERS = 250;

  private final JobTokens jobs;

  Callers(JobTokens jobs) {
    this.jobs = jobs;
  }

  /** Lets {@code next} make its calls in the name of the request's user, or job. */
  Handler identified(Handler next) {
    return request -> {
      Context context;
      try {
        context = caller(request.header("Authorization")).context();
      } catch (StatusRuntimeException e) {
        MillraceException error = Errors.fromStatus(e);
        if (error.code() != ErrorCode.UNAUTHENTICATED) {
          throw error;
        }
        return ErrorJson.of(error).with("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      }
      Context before = context.attach();
      try {
        return next.handle(request);
      } finally {
        context.detach(before);
      }
    };
  }

  private Caller caller(@Nullable String authorization) {
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      String token = authorization.substring(BEARER.length()).strip();
      // Other bearer tokens are nobody's so far.
      return JobToken.isOne(token) ? jobs.caller(new JobToken(token)) : new Caller(null);
    }
    return new Caller(user(authorization));
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
