package dev.millrace.gateway.transcode;

import dev.millrace.gateway.http.Request;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The body of a request that has to be JSON, as bytes. */
public final class JsonBody {

  static final String TYPE = "application/json";

  private JsonBody() {}

  /**
   * Reads a body whose content type says that it is JSON.
   *
   * @param maxBytes the most it may have
   * @throws MillraceException INVALID_PARAMETER_VALUE if the content type is another
   * @throws BodyTooLarge if it has more bytes
   */
  public static byte[] read(Request request, int maxBytes) throws IOException {
    requireType(request.header("Content-Type"));
    return readUntyped(request, maxBytes);
  }

  /** Reads a body whatever its content type. */
  static byte[] readUntyped(Request request, int maxBytes) throws IOException {
    byte[] body =
        request.contentLength() > maxBytes ? null : request.body().readNBytes(maxBytes + 1);
    if (body == null || body.length > maxBytes) {
      throw new BodyTooLarge(maxBytes);
    }
    return body;
  }

  /** As mlflow 3.17.2 {@code validation.py}: parameters do not count, case does. */
  private static void requireType(@Nullable String type) {
    if (type == null) {
      throw MillraceException.invalidParameter("Bad Request. Content-Type header is missing.");
    }
    int semicolon = type.indexOf(';');
    if (!(semicolon < 0 ? type : type.substring(0, semicolon)).equals(TYPE)) {
      throw MillraceException.invalidParameter(
          "Bad Request. Content-Type must be one of ['application/json'].");
    }
  }
}
