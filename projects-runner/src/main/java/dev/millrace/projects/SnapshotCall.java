package dev.millrace.projects;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.Snapshot;
import dev.millrace.proto.UploadSnapshotRequest;
import dev.millrace.proto.UploadSnapshotResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload. A message is asked for when the one before it is written, so a sender goes no faster
 * than the disk. gRPC runs a call's events one after the other, on virtual threads: they may block
 * and need no lock.
 */
final class SnapshotCall implements StreamObserver<UploadSnapshotRequest> {

  private static final Logger log = LoggerFactory.getLogger(SnapshotCall.class);

  private final Snapshots snapshots;
  private final ServerCallStreamObserver<UploadSnapshotResponse> caller;
  private @Nullable SnapshotUpload upload;
  private String sha256 = "";

  SnapshotCall(Snapshots snapshots, ServerCallStreamObserver<UploadSnapshotResponse> caller) {
    this.snapshots = snapshots;
    this.caller = caller;
    caller.disableAutoRequest();
    caller.request(1);
  }

  @Override
  public void onNext(UploadSnapshotRequest message) {
    boolean done = false;
    try {
      if (upload == null) {
        sha256 = message.getSha256();
        upload = snapshots.upload(sha256, message.hasSize() ? message.getSize() : -1);
      }
      for (ByteBuffer bytes : message.getData().asReadOnlyByteBufferList()) {
        upload.write(bytes);
      }
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
  public void onCompleted() {
    long size;
    try {
      if (upload == null) {
        throw MillraceException.invalidParameter("The upload names no snapshot.");
      }
      size = upload.commit();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      discard();
    }
    caller.onNext(
        UploadSnapshotResponse.newBuilder()
            .setSnapshot(Snapshot.newBuilder().setSha256(sha256).setSize(size))
            .build());
    caller.onCompleted();
  }

  /** The caller is gone. */
  @Override
  public void onError(Throwable thrown) {
    discard();
  }

  private void discard() {
    if (upload == null) {
      return;
    }
    try {
      upload.close();
    } catch (IOException e) {
      log.warn("Cannot discard an upload: {}", e.toString());
    }
  }

  private static MillraceException failed(IOException e) {
    log.warn("An upload of a snapshot failed", e);
    return new MillraceException(
        ErrorCode.INTERNAL_ERROR, "Cannot store the snapshot: " + e.getMessage(), e);
  }
}
