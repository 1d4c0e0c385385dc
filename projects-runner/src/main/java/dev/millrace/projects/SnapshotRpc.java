package dev.millrace.projects;

import dev.millrace.platform.grpc.Reply;
import dev.millrace.proto.GetSnapshotRequest;
import dev.millrace.proto.GetSnapshotResponse;
import dev.millrace.proto.Snapshot;
import dev.millrace.proto.SnapshotServiceGrpc.SnapshotServiceImplBase;
import dev.millrace.proto.UploadSnapshotRequest;
import dev.millrace.proto.UploadSnapshotResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Snapshots on the wire. */
final class SnapshotRpc extends SnapshotServiceImplBase {

  private final Snapshots snapshots;

  SnapshotRpc(Snapshots snapshots) {
    this.snapshots = snapshots;
  }

  @Override
  public StreamObserver<UploadSnapshotRequest> uploadSnapshot(
      StreamObserver<UploadSnapshotResponse> caller) {
    return new SnapshotCall(snapshots, (ServerCallStreamObserver<UploadSnapshotResponse>) caller);
  }

  @Override
  public void getSnapshot(
      GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> observer) {
    long size = snapshots.size(request.getSha256());
    Reply.send(
        observer,
        GetSnapshotResponse.newBuilder()
            .setSnapshot(Snapshot.newBuilder().setSha256(request.getSha256()).setSize(size))
            .build());
  }
}
