package dev.millrace.artifact;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.proto.UploadArtifactRequest;
import dev.millrace.proto.UploadArtifactResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload. A message is asked for when the one before it is written, so a sender goes no faster
 * than the store. gRPC runs a call's events one after the other, on virtual threads: they may
 * block. A caller in this process may write by itself, on its own thread, hence the lock.
 */
final class UploadCall implements StreamObserver<UploadArtifactRequest> {

  private static final Logger log = LoggerFactory.getLogger(UploadCall.class);

  private final Artifacts artifacts;
  private final Owners owners;
  private final ServerCallStreamObserver<UploadArtifactResponse> caller;
  private final @Nullable Handover<ByteSink> offered = Handover.offered(ByteSink.class);
  private @Nullable Upload upload;
  private @Nullable Exception failure;
  private long announced = -1;
  private long written;

  UploadCall(
      Artifacts artifacts, Owners owners, ServerCallStreamObserver<UploadArtifactResponse> caller) {
    this.artifacts = artifacts;
    this.owners = owners;
    this.caller = caller;
    caller.disableAutoRequest();
    caller.request(1);
  }

  @Override
  public synchronized void onNext(UploadArtifactRequest message) {
    boolean done = false;
    try {
      Upload to = upload;
      if (to == null) {
        announced = message.hasSize() ? message.getSize() : -1;
        to = artifacts.upload(owners.resolve(message.getTarget()));
        upload = to;
        if (offered != null) {
          offered.leave(this::take);
        }
      }
      write(to, message.getData());
      caller.request(1);
      done = true;
    } catch (IOException e) {
      throw failed(e);
    } finally {
      if (!done) {
        discard();
      }
    }
  }

  @Override
  public synchronized void onCompleted() {
    try {
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof IOException e) {
        throw e;
      }
      if (upload == null) {
        throw MillraceException.invalidParameter("The upload names no target.");
      }
      if (announced >= 0 && announced != written) {
        throw MillraceException.invalidParameter(
            "The upload ended after %d of %d bytes.".formatted(written, announced));
      }
      upload.commit();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      discard();
    }
    caller.onNext(UploadArtifactResponse.getDefaultInstance());
    caller.onCompleted();
  }

  /** The caller is gone. */
  @Override
  public synchronized void onError(Throwable thrown) {
    discard();
  }

  /** As {@link ByteSink}: a piece from a caller in this process. What fails, the end tells. */
  private synchronized boolean take(ByteBuffer piece) {
    if (upload == null || failure != null) {
      return false;
    }
    int length = piece.remaining();
    try {
      upload.write(piece);
      written += length;
      return true;
    } catch (IOException | RuntimeException e) {
      failure = e;
      return false;
    }
  }

  private void write(Upload to, ByteString data) throws IOException {
    for (ByteBuffer bytes : data.asReadOnlyByteBufferList()) {
      to.write(bytes);
    }
    written += data.size();
  }

  private void discard() {
    Upload ended = upload;
    if (ended == null) {
      return;
    }
    upload = null;
    try {
      ended.close();
    } catch (IOException e) {
      log.warn("Cannot discard an upload: {}", e.toString());
    }
  }

  private static MillraceException failed(IOException e) {
    log.warn("An upload failed", e);
    return new MillraceException(
        ErrorCode.INTERNAL_ERROR, "Cannot store the artifact: " + e.getMessage(), e);
  }
}
