package dev.millrace.gateway.raw;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.gateway.http.BodyInput;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.Handover;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request's body on its way to a service, as the messages of a call. */
final class StreamedBody {

  /** The most bytes in a message; a body that has no more goes with the first one. */
  private static final int CHUNK_BYTES = 128 << 10;

  private StreamedBody() {}

  /**
   * How a call carries a body.
   *
   * @param first makes the first message, with the first bytes of the body or none
   * @param next makes each other one
   */
  record Messages<Q>(Function<ByteString, Q> first, Function<ByteString, Q> next) {}

  /**
   * Sends what {@code body} has, unless reading it fails: then the call is cancelled. No more is
   * read than the service takes.
   *
   * @param size of the body in bytes; -1 if unknown
   * @param direct offered to the call; a sink that the service leaves there takes the body instead
   *     of messages
   * @return the answer; null if the service gave none
   * @throws MillraceException as the service says
   * @throws IOException if reading the body fails
   */
  static <Q, R> @Nullable R send(
      BlockingClientCall<Q, R> call,
      Messages<Q> messages,
      long size,
      InputStream body,
      Handover<ByteSink> direct)
      throws IOException {
    boolean ended = false;
    try {
      if (size >= 0 && size <= CHUNK_BYTES) {
        call.write(messages.first.apply(chunk(body, (int) size)));
      } else if (call.write(messages.first.apply(ByteString.EMPTY))) {
        stream(call, messages, body, direct);
      }
      call.halfClose();
      R answer = call.read();
      // The status follows the answer.
      call.read();
      ended = true;
      return answer;
    } catch (StatusException e) {
      throw Errors.fromStatus(e);
    } catch (InterruptedException e) {
      throw interrupted(call);
    } finally {
      if (!ended) {
        call.cancel("The upload was not completed", null);
      }
    }
  }

  private static <Q> void stream(
      BlockingClientCall<Q, ?> call,
      Messages<Q> messages,
      InputStream body,
      Handover<ByteSink> direct)
      throws IOException, InterruptedException, StatusException {
    boolean wanted = true;
    if (direct.isPassed() && body instanceof BodyInput pieces) {
      // Taken when the service has handled the first message, and has left its sink by then.
      wanted = call.write(messages.next.apply(ByteString.EMPTY));
      ByteSink sink = direct.take();
      if (sink != null) {
        pieces.sendTo(sink::write);
        return;
      }
    }
    while (wanted) {
      ByteString chunk = chunk(body, CHUNK_BYTES);
      if (chunk.isEmpty()) {
        return;
      }
      wanted = call.write(messages.next.apply(chunk));
    }
  }

  private static ByteString chunk(InputStream body, int size) throws IOException {
    byte[] chunk = new byte[size];
    int count = body.readNBytes(chunk, 0, chunk.length);
    return UnsafeByteOperations.unsafeWrap(chunk, 0, count);
  }

  static IOException interrupted(BlockingClientCall<?, ?> call) {
    call.cancel("The gateway is stopping", null);
    Thread.currentThread().interrupt();
    return new InterruptedIOException("Interrupted while waiting for a service");
  }
}
