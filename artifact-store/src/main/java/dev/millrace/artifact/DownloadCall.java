package dev.millrace.artifact;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.FileSlice;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.DownloadInfo;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One download. Bytes are read when the receiver has taken those before them. As in {@link
 * UploadCall}, events follow each other and may block.
 */
final class DownloadCall {

  private static final Logger log = LoggerFactory.getLogger(DownloadCall.class);

  /** How many bytes may wait for the network; above it the store is not read. */
  private static final int READY_BYTES = 4 * Content.CHUNK_BYTES;

  private final Content content;
  private final ServerCallStreamObserver<DownloadArtifactResponse> receiver;
  private boolean done;

  private DownloadCall(
      Content content, ServerCallStreamObserver<DownloadArtifactResponse> receiver) {
    this.content = content;
    this.receiver = receiver;
  }

  /**
   * Sends {@code info}, and the bytes as the receiver becomes ready for them. A receiver in this
   * process that takes an open file gets that instead of the bytes.
   */
  static void start(
      DownloadInfo info,
      Content content,
      ServerCallStreamObserver<DownloadArtifactResponse> receiver) {
    Handover<FileSlice> offered = Handover.offered(FileSlice.class);
    FileSlice slice = offered == null ? null : content.asSlice();
    if (offered != null && slice != null) {
      offered.leave(slice);
      receiver.onNext(DownloadArtifactResponse.newBuilder().setInfo(info).build());
      receiver.onCompleted();
      return;
    }
    DownloadCall call = new DownloadCall(content, receiver);
    receiver.setOnReadyThreshold(READY_BYTES);
    receiver.setOnReadyHandler(call::send);
    receiver.setOnCancelHandler(call::close);
    receiver.onNext(DownloadArtifactResponse.newBuilder().setInfo(info).build());
  }

  private void send() {
    boolean failed = true;
    try {
      while (!done && receiver.isReady()) {
        ByteString bytes = content.next();
        if (bytes == null) {
          close();
          receiver.onCompleted();
        } else {
          receiver.onNext(DownloadArtifactResponse.newBuilder().setData(bytes).build());
        }
      }
      failed = false;
    } catch (IOException e) {
      log.warn("A download failed", e);
      throw new MillraceException(
          ErrorCode.INTERNAL_ERROR, "Cannot read the artifact: " + e.getMessage(), e);
    } finally {
      if (failed) {
        close();
      }
    }
  }

  private void close() {
    done = true;
    try {
      content.close();
    } catch (IOException e) {
      log.warn("Cannot close an artifact: {}", e.toString());
    }
  }
}
