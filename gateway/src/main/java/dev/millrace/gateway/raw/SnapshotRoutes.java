package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.proto.DownloadJobCodeRequest;
import dev.millrace.proto.DownloadJobCodeResponse;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.JobServiceGrpc.JobServiceBlockingV2Stub;
import dev.millrace.proto.SnapshotServiceGrpc;
import dev.millrace.proto.SnapshotServiceGrpc.SnapshotServiceBlockingV2Stub;
import dev.millrace.proto.UploadSnapshotRequest;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.OutputStream;

/** Project snapshots and the code of jobs, as bytes. */
public final class SnapshotRoutes {

  private final SnapshotServiceBlockingV2Stub snapshots;
  private final JobServiceBlockingV2Stub jobs;

  public SnapshotRoutes(Channel projectsRunner) {
    this.snapshots = SnapshotServiceGrpc.newBlockingV2Stub(projectsRunner);
    this.jobs = JobServiceGrpc.newBlockingV2Stub(projectsRunner);
  }

  public void route(Router.Builder router) {
    for (String api : new String[] {"/api", "/ajax-api"}) {
      router.route(
          "PUT",
          api + "/2.0/millrace/projects/snapshots/{sha256}",
          (request, path) -> put(request, path.getOrDefault("sha256", "")));
      router.route(
          "GET",
          api + "/2.0/millrace/projects/jobs/{job_id}/code",
          (_, path) -> code(path.getOrDefault("job_id", "")));
    }
  }

  private Response code(String jobId) throws IOException {
    BlockingClientCall<?, DownloadJobCodeResponse> call =
        jobs.downloadJobCode(DownloadJobCodeRequest.newBuilder().setJobId(jobId).build());
    try {
      DownloadJobCodeResponse first = call.read();
      if (first == null) {
        throw new IOException("The runner of projects sent nothing");
      }
      return Response.stream(200, "application/gzip", -1, out -> send(first, call, out));
    } catch (StatusException e) {
      throw Errors.fromStatus(e);
    } catch (InterruptedException e) {
      throw StreamedBody.interrupted(call);
    }
  }

  private static void send(
      DownloadJobCodeResponse first,
      BlockingClientCall<?, DownloadJobCodeResponse> call,
      OutputStream out)
      throws IOException {
    boolean ended = false;
    try {
      for (DownloadJobCodeResponse next = first; next != null; next = call.read()) {
        next.getData().writeTo(out);
      }
      ended = true;
    } catch (StatusException e) {
      throw new IOException("The runner of projects broke off", e);
    } catch (InterruptedException e) {
      throw StreamedBody.interrupted(call);
    } finally {
      if (!ended) {
        call.cancel("Not wanted any more", null);
      }
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
