package dev.millrace.gateway.raw;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request's body on its way to a service, as the messages of a call. */
final class StreamedBody {

  private static final int CHUNK_BYTES = 128 << 10;

  private StreamedBody() {}

  /**
   * Sends {@code first}, then what {@code body} has, unless reading it fails: then the call is
   * cancelled. No more is read than the service takes.
   *
   * @param message makes a message of some bytes
   * @return the answer; null if the service gave none
   * @throws MillraceException as the service says
   * @throws IOException if reading the body fails
   */
  static <Q, R> @Nullable R send(
      BlockingClientCall<Q, R> call, Q first, Function<ByteString, Q> message, InputStream body)
      throws IOException {
    boolean ended = false;
    try {
      boolean wanted = call.write(first);
      while (wanted) {
        byte[] chunk = new byte[CHUNK_BYTES];
        int count = body.readNBytes(chunk, 0, chunk.length);
        if (count == 0) {
          break;
        }
        wanted = call.write(message.apply(UnsafeByteOperations.unsafeWrap(chunk, 0, count)));
      }
      call.halfClose();
      R answer = call.read();
      // The status follows the answer.
      call.read();
      ended = true;
      return answer;
    } catch (StatusException e) {
      throw translated(e);
    } catch (InterruptedException e) {
      throw interrupted(call);
    } finally {
      if (!ended) {
        call.cancel("The upload was not completed", null);
      }
    }
  }

  static MillraceException translated(StatusException e) {
    return Errors.fromStatus(new StatusRuntimeException(e.getStatus(), e.getTrailers()));
  }

  static IOException interrupted(BlockingClientCall<?, ?> call) {
    call.cancel("The gateway is stopping", null);
    Thread.currentThread().interrupt();
    return new InterruptedIOException("Interrupted while waiting for a service");
  }
}
