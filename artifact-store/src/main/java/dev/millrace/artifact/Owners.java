package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.LoggedModelServiceGrpc.LoggedModelServiceBlockingStub;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunServiceGrpc.RunServiceBlockingStub;
import io.grpc.Channel;

/**
 * Where runs and logged models keep their artifacts, by the tracking store. What it answers to an
 * unknown one goes to the caller as it is.
 */
final class Owners {

  private static final String RUNS = "runs:/";

  private final RunServiceBlockingStub runs;
  private final LoggedModelServiceBlockingStub models;
  private final Artifacts artifacts;

  Owners(Channel trackingStore, Artifacts artifacts) {
    this.runs = RunServiceGrpc.newBlockingStub(trackingStore);
    this.models = LoggedModelServiceGrpc.newBlockingStub(trackingStore);
    this.artifacts = artifacts;
  }

  String runUri(String runId) {
    return runs.getRunInfo(GetRunInfoRequest.newBuilder().setRunId(runId).build())
        .getRunInfo()
        .getArtifactUri();
  }

  String modelUri(String modelId) {
    return models
        .getLoggedModel(GetLoggedModelRequest.newBuilder().setModelId(modelId).build())
        .getModel()
        .getInfo()
        .getArtifactUri();
  }

  /** The same for a caller who is going to change it; what refuses others is passed on. */
  String editableRunUri(String runId) {
    return runs.getEditableRunInfo(GetRunInfoRequest.newBuilder().setRunId(runId).build())
        .getRunInfo()
        .getArtifactUri();
  }

  /** The same for a caller who is going to change it; what refuses others is passed on. */
  String editableModelUri(String modelId) {
    return models
        .getEditableLoggedModel(GetLoggedModelRequest.newBuilder().setModelId(modelId).build())
        .getModel()
        .getInfo()
        .getArtifactUri();
  }

  /**
   * The path in the store that {@code target} means. Its spelling is checked before its owner is
   * looked up.
   */
  ArtifactPath resolve(ArtifactTarget target) {
    ArtifactPath path = ArtifactPath.parse(target.getPath());
    return switch (target.getOwnerCase()) {
      case ROOT -> path;
      case RUN_ID -> artifacts.locate(runUri(target.getRunId())).resolve(path);
      case MODEL_ID -> artifacts.locate(modelUri(target.getModelId())).resolve(path);
      case ROOT_URI -> locate(target.getRootUri()).resolve(path);
      case OWNER_NOT_SET ->
          throw MillraceException.invalidParameter(
              "The target names neither the store's root nor a run nor a logged model nor a URI.");
    };
  }

  /** The path of a root; of one within a run, after asking where that keeps its artifacts. */
  private ArtifactPath locate(String rootUri) {
    if (!rootUri.startsWith(RUNS)) {
      return artifacts.locate(rootUri);
    }
    String rest = Uri.withoutSlashes(rootUri.substring(RUNS.length()));
    int slash = rest.indexOf('/');
    String runId = slash < 0 ? rest : rest.substring(0, slash);
    ArtifactPath path = ArtifactPath.parse(slash < 0 ? "" : rest.substring(slash + 1));
    return artifacts.locate(runUri(runId)).resolve(path);
  }
}
