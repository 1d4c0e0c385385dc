package dev.millrace.tracking;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateExperimentResponse;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.ExperimentTag;
import dev.millrace.proto.GetExperimentByNameRequest;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import io.grpc.stub.StreamObserver;

/** Experiments on the wire. */
final class ExperimentRpc extends ExperimentServiceGrpc.ExperimentServiceImplBase {

  private final Experiments experiments;

  ExperimentRpc(Experiments experiments) {
    this.experiments = experiments;
  }

  @Override
  public void createExperiment(
      CreateExperimentRequest request, StreamObserver<CreateExperimentResponse> observer) {
    long id =
        experiments.create(request.getName(), request.getArtifactLocation(), request.getTagsList());
    Reply.send(
        observer, CreateExperimentResponse.newBuilder().setExperimentId(Long.toString(id)).build());
  }

  @Override
  public void getExperiment(
      GetExperimentRequest request, StreamObserver<GetExperimentResponse> observer) {
    send(observer, experiments.get(request.getExperimentId()));
  }

  @Override
  public void getExperimentByName(
      GetExperimentByNameRequest request, StreamObserver<GetExperimentResponse> observer) {
    send(observer, experiments.getByName(request.getExperimentName()));
  }

  private static void send(StreamObserver<GetExperimentResponse> observer, ExperimentRow row) {
    Reply.send(observer, GetExperimentResponse.newBuilder().setExperiment(proto(row)).build());
  }

  /** An experiment as clients see it. */
  static Experiment proto(ExperimentRow row) {
    Experiment.Builder experiment =
        Experiment.newBuilder()
            .setExperimentId(Long.toString(row.experimentId()))
            .setName(row.name())
            .setArtifactLocation(row.artifactLocation())
            .setLifecycleStage(row.lifecycleStage().text())
            .setLastUpdateTime(row.lastUpdateTime())
            .setCreationTime(row.creationTime())
            .setWorkspace(Workspace.DEFAULT);
    row.tags()
        .forEach(
            (key, value) ->
                experiment.addTags(ExperimentTag.newBuilder().setKey(key).setValue(value)));
    return experiment.build();
  }
}
