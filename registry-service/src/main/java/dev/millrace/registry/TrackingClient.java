package dev.millrace.registry;

import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.AppendLoggedModelVersionRequest;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.LoggedModelInfo;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.LoggedModelServiceGrpc.LoggedModelServiceBlockingStub;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunServiceGrpc.RunServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the registry asks the tracking store: about the runs and logged models of versions. */
final class TrackingClient {

  private static final Logger log = LoggerFactory.getLogger(TrackingClient.class);

  private static final long DEADLINE_SECONDS = 30;

  private final RunServiceBlockingStub runs;
  private final LoggedModelServiceBlockingStub models;

  TrackingClient(Channel trackingStore) {
    this.runs = RunServiceGrpc.newBlockingStub(trackingStore);
    this.models = LoggedModelServiceGrpc.newBlockingStub(trackingStore);
  }

  /**
   * Where a run keeps its artifacts.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; TEMPORARILY_UNAVAILABLE if the tracking
   *     store does not answer
   */
  String runRoot(String runId) {
    GetRunInfoRequest request = GetRunInfoRequest.newBuilder().setRunId(runId).build();
    return call(
        () ->
            runs.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .getRunInfo(request)
                .getRunInfo()
                .getArtifactUri());
  }

  /**
   * Returns if the caller may change a run.
   *
   * @throws MillraceException PERMISSION_DENIED; RESOURCE_DOES_NOT_EXIST; TEMPORARILY_UNAVAILABLE
   *     if the tracking store does not answer
   */
  void requireEditableRun(String runId) {
    GetRunInfoRequest request = GetRunInfoRequest.newBuilder().setRunId(runId).build();
    call(
        () ->
            runs.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).getEditableRunInfo(request));
  }

  /**
   * Returns if the caller may change a logged model.
   *
   * @throws MillraceException PERMISSION_DENIED; RESOURCE_DOES_NOT_EXIST; TEMPORARILY_UNAVAILABLE
   *     if the tracking store does not answer
   */
  void requireEditableModel(String modelId) {
    GetLoggedModelRequest request = GetLoggedModelRequest.newBuilder().setModelId(modelId).build();
    call(
        () ->
            models
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .getEditableLoggedModel(request));
  }

  /**
   * A logged model that is not deleted.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; TEMPORARILY_UNAVAILABLE if the tracking
   *     store does not answer
   */
  LoggedModelInfo loggedModel(String modelId) {
    GetLoggedModelRequest request = GetLoggedModelRequest.newBuilder().setModelId(modelId).build();
    return call(
        () ->
            models
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .getLoggedModel(request)
                .getModel()
                .getInfo());
  }

  /**
   * Tells a logged model that a version was made of it. The version is there: a failure is logged,
   * not thrown, since a caller that saw an error would make another one.
   */
  void link(String modelId, String name, int version) {
    AppendLoggedModelVersionRequest request =
        AppendLoggedModelVersionRequest.newBuilder()
            .setModelId(modelId)
            .setName(name)
            .setVersion(version)
            .build();
    try {
      models
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .appendLoggedModelVersion(request);
    } catch (StatusRuntimeException e) {
      log.warn(
          "Logged model {} does not know of its version {} of {}: {}",
          modelId,
          version,
          name,
          Errors.fromStatus(e).text());
    }
  }

  private static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }
}
