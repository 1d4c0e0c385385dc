package dev.millrace.gateway.transcode;

import com.google.protobuf.Message;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * An answer that comes in parts. The service makes a part when those before it are read, so a slow
 * client slows it down.
 */
final class PartialAnswer implements AutoCloseable {

  private final BlockingClientCall<?, ?> call;
  private @Nullable Message first;
  private boolean ended;

  /**
   * Reads the first part.
   *
   * @throws MillraceException as the service says
   */
  PartialAnswer(BlockingClientCall<?, ?> call) throws IOException {
    this.call = call;
    try {
      first = take();
    } catch (StatusException e) {
      throw Errors.fromStatus(e);
    }
  }

  /**
   * The next part; null after the last.
   *
   * @throws IOException if the service breaks off
   */
  @Nullable Message read() throws IOException {
    Message part = first;
    if (part != null) {
      first = null;
      return part;
    }
    try {
      return take();
    } catch (StatusException e) {
      throw new IOException("The service broke off", e);
    }
  }

  private @Nullable Message take() throws IOException, StatusException {
    try {
      Message part = (Message) call.read();
      ended = part == null;
      return part;
    } catch (InterruptedException e) {
      // Whoever began the call and was interrupted has nobody yet to close it.
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while waiting for a service");
    }
  }

  /** Ends the call, if it has not ended. */
  @Override
  public void close() {
    if (!ended) {
      call.cancel("Not wanted any more", null);
    }
  }
}
