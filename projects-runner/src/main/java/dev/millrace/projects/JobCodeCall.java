package dev.millrace.projects;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.DownloadJobCodeResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One download of a job's code, read as fast as the receiver takes it. */
final class JobCodeCall {

  private static final Logger log = LoggerFactory.getLogger(JobCodeCall.class);

  private static final int CHUNK_BYTES = 256 << 10;

  private final InputStream code;
  private final ServerCallStreamObserver<DownloadJobCodeResponse> receiver;
  private boolean isClosed;

  private JobCodeCall(
      InputStream code, ServerCallStreamObserver<DownloadJobCodeResponse> receiver) {
    this.code = code;
    this.receiver = receiver;
  }

  /** Sends what {@code code} has as the receiver becomes ready for it, and closes it. */
  static void start(InputStream code, ServerCallStreamObserver<DownloadJobCodeResponse> receiver) {
    JobCodeCall call = new JobCodeCall(code, receiver);
    receiver.setOnReadyHandler(call::send);
    receiver.setOnCancelHandler(call::close);
  }

  private void send() {
    boolean failed = true;
    try {
      while (!isClosed && receiver.isReady()) {
        ByteString bytes = ByteString.copyFrom(code.readNBytes(CHUNK_BYTES));
        if (bytes.isEmpty()) {
          close();
          receiver.onCompleted();
        } else {
          receiver.onNext(DownloadJobCodeResponse.newBuilder().setData(bytes).build());
        }
      }
      failed = false;
    } catch (IOException e) {
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "The code cannot be read", e);
    } finally {
      if (failed) {
        close();
      }
    }
  }

  private void close() {
    isClosed = true;
    try {
      code.close();
    } catch (IOException e) {
      log.warn("Cannot close the code of a job: {}", e.toString());
    }
  }
}
