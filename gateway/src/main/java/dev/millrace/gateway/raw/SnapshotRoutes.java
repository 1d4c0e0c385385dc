package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.proto.SnapshotServiceGrpc;
import dev.millrace.proto.SnapshotServiceGrpc.SnapshotServiceBlockingV2Stub;
import dev.millrace.proto.UploadSnapshotRequest;
import io.grpc.Channel;
import java.io.IOException;

/** The upload of project snapshots, as bytes. */
public final class SnapshotRoutes {

  private final SnapshotServiceBlockingV2Stub snapshots;

  public SnapshotRoutes(Channel projectsRunner) {
    this.snapshots = SnapshotServiceGrpc.newBlockingV2Stub(projectsRunner);
  }

  public void route(Router.Builder router) {
    for (String api : new String[] {"/api", "/ajax-api"}) {
      router.route(
          "PUT",
          api + "/2.0/millrace/projects/snapshots/{sha256}",
          (request, path) -> put(request, path.getOrDefault("sha256", "")));
    }
  }

  private Response put(Request request, String sha256) throws IOException {
    long size = request.contentLength();
    UploadSnapshotRequest.Builder first = UploadSnapshotRequest.newBuilder().setSha256(sha256);
    if (size >= 0) {
      first.setSize(size);
    }
    StreamedBody.send(
        snapshots.uploadSnapshot(),
        new StreamedBody.Messages<>(
            bytes -> first.setData(bytes).build(),
            bytes -> UploadSnapshotRequest.newBuilder().setData(bytes).build()),
        size,
        request.body(),
        new Handover<>(ByteSink.class));
    return Response.of(200);
  }
}
