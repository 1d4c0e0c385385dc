package dev.millrace.gateway.transcode;

import dev.millrace.gateway.http.Request;
import dev.millrace.platform.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The body of a request that has to be JSON, as bytes. */
public final class JsonBody {

  static final String TYPE = "application/json";

  /** Bodies below this size take no room: all that there may be at a time are little. */
  private static final int FREE_BYTES = 64 << 10;

  private static final int PIECE_BYTES = 1 << 20;

  private JsonBody() {}

  /**
   * Reads a body whose content type says that it is JSON.
   *
   * @param maxBytes the most it may have
   * @param share its room, taken for bodies from 64 KiB on
   * @throws MillraceException INVALID_PARAMETER_VALUE if the content type is another;
   *     RESOURCE_EXHAUSTED if others leave no room
   * @throws BodyTooLarge if it has more bytes
   */
  public static byte[] read(Request request, int maxBytes, BodyMemory.Share share)
      throws IOException {
    requireType(request.header("Content-Type"));
    return readUntyped(request, maxBytes, share);
  }

  /** Reads a body whatever its content type. */
  static byte[] readUntyped(Request request, int maxBytes, BodyMemory.Share share)
      throws IOException {
    if (request.contentLength() > maxBytes) {
      throw new BodyTooLarge(maxBytes);
    }
    InputStream in = request.body();
    byte[] piece = in.readNBytes(FREE_BYTES);
    if (piece.length < FREE_BYTES && piece.length <= maxBytes) {
      return piece;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (piece.length > 0) {
      body.writeBytes(piece);
      if (body.size() > maxBytes) {
        throw new BodyTooLarge(maxBytes);
      }
      // Room is taken for what has come, not for what was announced: to announce costs nothing.
      share.take(PIECE_BYTES);
      piece = in.readNBytes(PIECE_BYTES);
    }
    return body.toByteArray();
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
