package dev.millrace.tracking;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateExperimentResponse;
import dev.millrace.proto.DeleteExperimentRequest;
import dev.millrace.proto.DeleteExperimentResponse;
import dev.millrace.proto.DeleteExperimentTagRequest;
import dev.millrace.proto.DeleteExperimentTagResponse;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.ExperimentTag;
import dev.millrace.proto.GetExperimentByNameRequest;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import dev.millrace.proto.RestoreExperimentRequest;
import dev.millrace.proto.RestoreExperimentResponse;
import dev.millrace.proto.SearchExperimentsRequest;
import dev.millrace.proto.SearchExperimentsResponse;
import dev.millrace.proto.SetExperimentTagRequest;
import dev.millrace.proto.SetExperimentTagResponse;
import dev.millrace.proto.UpdateExperimentRequest;
import dev.millrace.proto.UpdateExperimentResponse;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;

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
        experiments.create(
            request.getName(),
            request.getArtifactLocation(),
            request.getTagsList().stream()
                .map(tag -> new PairRow(tag.getKey(), tag.getValue()))
                .toList());
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

  @Override
  public void updateExperiment(
      UpdateExperimentRequest request, StreamObserver<UpdateExperimentResponse> observer) {
    experiments.rename(request.getExperimentId(), request.getNewName());
    Reply.send(observer, UpdateExperimentResponse.getDefaultInstance());
  }

  @Override
  public void deleteExperiment(
      DeleteExperimentRequest request, StreamObserver<DeleteExperimentResponse> observer) {
    experiments.delete(request.getExperimentId());
    Reply.send(observer, DeleteExperimentResponse.getDefaultInstance());
  }

  @Override
  public void restoreExperiment(
      RestoreExperimentRequest request, StreamObserver<RestoreExperimentResponse> observer) {
    experiments.restore(request.getExperimentId());
    Reply.send(observer, RestoreExperimentResponse.getDefaultInstance());
  }

  @Override
  public void setExperimentTag(
      SetExperimentTagRequest request, StreamObserver<SetExperimentTagResponse> observer) {
    experiments.setTag(
        request.getExperimentId(), new PairRow(request.getKey(), request.getValue()));
    Reply.send(observer, SetExperimentTagResponse.getDefaultInstance());
  }

  @Override
  public void deleteExperimentTag(
      DeleteExperimentTagRequest request, StreamObserver<DeleteExperimentTagResponse> observer) {
    experiments.deleteTag(request.getExperimentId(), request.getKey());
    Reply.send(observer, DeleteExperimentTagResponse.getDefaultInstance());
  }

  @Override
  public void searchExperiments(
      SearchExperimentsRequest request, StreamObserver<SearchExperimentsResponse> observer) {
    Iterator<Page<ExperimentRow>> parts =
        experiments.search(
            request.getFilter(),
            request.getViewType(),
            request.getMaxResults(),
            request.getOrderByList(),
            request.getPageToken());
    Parts.send(observer, parts, ExperimentRpc::proto);
  }

  private static SearchExperimentsResponse proto(Page<ExperimentRow> part) {
    SearchExperimentsResponse.Builder response = SearchExperimentsResponse.newBuilder();
    part.rows().forEach(row -> response.addExperiments(proto(row)));
    if (part.nextToken() != null) {
      response.setNextPageToken(part.nextToken());
    }
    return response.build();
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
