package dev.millrace.tracking;

import dev.millrace.platform.check.Rules;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.CreateRunResponse;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.DeleteRunResponse;
import dev.millrace.proto.DeleteTagRequest;
import dev.millrace.proto.DeleteTagResponse;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.GetRunInfoResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GetRunResponse;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.LogBatchResponse;
import dev.millrace.proto.LogInputsRequest;
import dev.millrace.proto.LogInputsResponse;
import dev.millrace.proto.LogModelRequest;
import dev.millrace.proto.LogModelResponse;
import dev.millrace.proto.LogOutputsRequest;
import dev.millrace.proto.LogOutputsResponse;
import dev.millrace.proto.LogParamRequest;
import dev.millrace.proto.LogParamResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.ModelInput;
import dev.millrace.proto.ModelOutput;
import dev.millrace.proto.Param;
import dev.millrace.proto.RestoreRunRequest;
import dev.millrace.proto.RestoreRunResponse;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunData;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunInputs;
import dev.millrace.proto.RunOutputs;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SearchRunsResponse;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.SetTagResponse;
import dev.millrace.proto.UpdateRunRequest;
import dev.millrace.proto.UpdateRunResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Runs on the wire. */
final class RunRpc extends RunServiceGrpc.RunServiceImplBase {

  /** As many runs as a search returns that does not say how many. */
  private static final int DEFAULT_MAX_RESULTS = 1000;

  private final Runs runs;
  private final Batches batches;
  private final Inputs inputs;

  RunRpc(Runs runs, Batches batches, Inputs inputs) {
    this.runs = runs;
    this.batches = batches;
    this.inputs = inputs;
  }

  @Override
  public void createRun(CreateRunRequest request, StreamObserver<CreateRunResponse> observer) {
    RunContent created =
        runs.create(
            request.getExperimentId(),
            request.getUserId(),
            request.getStartTime(),
            request.getRunName(),
            RunAccess.tags(request).stream().map(RunRpc::row).toList());
    // MLflow's answer to a creation has no outputs.
    Run run = proto(created).toBuilder().clearOutputs().build();
    Reply.send(observer, CreateRunResponse.newBuilder().setRun(run).build());
  }

  @Override
  public void getRun(GetRunRequest request, StreamObserver<GetRunResponse> observer) {
    Run run = proto(runs.get(request.getRunId()));
    Reply.send(observer, GetRunResponse.newBuilder().setRun(run).build());
  }

  @Override
  public void getRunInfo(GetRunInfoRequest request, StreamObserver<GetRunInfoResponse> observer) {
    RunInfo info = proto(runs.getInfo(request.getRunId()));
    Reply.send(observer, GetRunInfoResponse.newBuilder().setRunInfo(info).build());
  }

  @Override
  public void getEditableRunInfo(
      GetRunInfoRequest request, StreamObserver<GetRunInfoResponse> observer) {
    getRunInfo(request, observer);
  }

  @Override
  public void updateRun(UpdateRunRequest request, StreamObserver<UpdateRunResponse> observer) {
    RunRow run =
        runs.update(
            request.getRunId(),
            request.hasStatus() ? status(request.getStatus()) : null,
            request.hasEndTime() ? request.getEndTime() : null,
            request.getRunName());
    Reply.send(observer, UpdateRunResponse.newBuilder().setRunInfo(proto(run)).build());
  }

  @Override
  public void deleteRun(DeleteRunRequest request, StreamObserver<DeleteRunResponse> observer) {
    runs.delete(request.getRunId());
    Reply.send(observer, DeleteRunResponse.getDefaultInstance());
  }

  @Override
  public void restoreRun(RestoreRunRequest request, StreamObserver<RestoreRunResponse> observer) {
    runs.restore(request.getRunId());
    Reply.send(observer, RestoreRunResponse.getDefaultInstance());
  }

  @Override
  public void logBatch(LogBatchRequest request, StreamObserver<LogBatchResponse> observer) {
    List<MetricRow> metrics = new ArrayList<>(request.getMetricsCount());
    List<LoggedModelMetricRow> onModels = new ArrayList<>();
    for (Metric metric : request.getMetricsList()) {
      MetricRow point = MetricRpc.row(metric);
      metrics.add(point);
      if (!metric.getModelId().isEmpty()) {
        onModels.add(
            new LoggedModelMetricRow(
                metric.getModelId(),
                request.getRunId(),
                point,
                metric.getDatasetName(),
                metric.getDatasetDigest()));
      }
    }
    batches.log(
        request.getRunId(),
        metrics,
        onModels,
        request.getParamsList().stream().map(RunRpc::row).toList(),
        request.getTagsList().stream().map(RunRpc::row).toList());
    Reply.send(observer, LogBatchResponse.getDefaultInstance());
  }

  @Override
  public void logParam(LogParamRequest request, StreamObserver<LogParamResponse> observer) {
    batches.logParam(request.getRunId(), new PairRow(request.getKey(), request.getValue()));
    Reply.send(observer, LogParamResponse.getDefaultInstance());
  }

  @Override
  public void setTag(SetTagRequest request, StreamObserver<SetTagResponse> observer) {
    batches.setTag(request.getRunId(), new PairRow(request.getKey(), request.getValue()));
    Reply.send(observer, SetTagResponse.getDefaultInstance());
  }

  @Override
  public void deleteTag(DeleteTagRequest request, StreamObserver<DeleteTagResponse> observer) {
    runs.deleteTag(request.getRunId(), request.getKey());
    Reply.send(observer, DeleteTagResponse.getDefaultInstance());
  }

  @Override
  public void logInputs(LogInputsRequest request, StreamObserver<LogInputsResponse> observer) {
    inputs.logInputs(
        request.getRunId(),
        request.getDatasetsList().stream().map(DatasetRpc::row).toList(),
        request.getModelsList().stream().map(ModelInput::getModelId).toList());
    Reply.send(observer, LogInputsResponse.getDefaultInstance());
  }

  @Override
  public void logOutputs(LogOutputsRequest request, StreamObserver<LogOutputsResponse> observer) {
    inputs.logOutputs(
        request.getRunId(),
        request.getModelsList().stream()
            .map(model -> new ModelOutputRow(model.getModelId(), model.getStep()))
            .toList());
    Reply.send(observer, LogOutputsResponse.getDefaultInstance());
  }

  @Override
  public void logModel(LogModelRequest request, StreamObserver<LogModelResponse> observer) {
    inputs.logModel(request.getRunId(), request.getModelJson());
    Reply.send(observer, LogModelResponse.getDefaultInstance());
  }

  private static PairRow row(Param param) {
    return new PairRow(param.getKey(), param.getValue());
  }

  private static PairRow row(RunTag tag) {
    return new PairRow(tag.getKey(), tag.getValue());
  }

  private static String status(RunStatus status) {
    if (status == RunStatus.UNRECOGNIZED || status == RunStatus.RUN_STATUS_UNSPECIFIED) {
      throw Rules.invalid("status", status.name(), null);
    }
    return status.name();
  }

  @Override
  public void searchRuns(SearchRunsRequest request, StreamObserver<SearchRunsResponse> observer) {
    Iterator<Page<RunContent>> parts =
        runs.search(
            request.getExperimentIdsList(),
            request.getFilter(),
            request.getRunViewType(),
            request.hasMaxResults() ? request.getMaxResults() : DEFAULT_MAX_RESULTS,
            request.getOrderByList(),
            request.getPageToken());
    Parts.send(observer, parts, RunRpc::proto);
  }

  private static SearchRunsResponse proto(Page<RunContent> part) {
    SearchRunsResponse.Builder response = SearchRunsResponse.newBuilder();
    part.rows().forEach(run -> response.addRuns(proto(run)));
    if (part.nextToken() != null) {
      response.setNextPageToken(part.nextToken());
    }
    return response.build();
  }

  /** A run as clients see it. */
  static Run proto(RunContent content) {
    RunData.Builder data = RunData.newBuilder();
    for (MetricRow metric : content.metrics()) {
      data.addMetrics(MetricRpc.proto(metric));
    }
    for (PairRow param : content.params()) {
      data.addParams(Param.newBuilder().setKey(param.key()).setValue(param.value()));
    }
    for (PairRow tag : content.tags()) {
      data.addTags(RunTag.newBuilder().setKey(tag.key()).setValue(tag.value()));
    }
    RunInputs.Builder inputs = RunInputs.newBuilder();
    for (DatasetInputRow input : content.datasetInputs()) {
      inputs.addDatasetInputs(DatasetRpc.proto(input));
    }
    for (String modelId : content.modelInputs()) {
      inputs.addModelInputs(ModelInput.newBuilder().setModelId(modelId));
    }
    RunOutputs.Builder outputs = RunOutputs.newBuilder();
    for (ModelOutputRow output : content.modelOutputs()) {
      outputs.addModelOutputs(
          ModelOutput.newBuilder().setModelId(output.modelId()).setStep(output.step()));
    }
    return Run.newBuilder()
        .setInfo(proto(content.run()))
        .setData(data)
        .setInputs(inputs)
        .setOutputs(outputs)
        .build();
  }

  private static RunInfo proto(RunRow run) {
    RunInfo.Builder info =
        RunInfo.newBuilder()
            .setRunUuid(run.runId())
            .setExperimentId(Long.toString(run.experimentId()))
            .setRunName(run.name())
            .setUserId(run.userId())
            .setStatus(RunStatus.valueOf(run.status()))
            .setStartTime(run.startTime())
            .setArtifactUri(run.artifactUri())
            .setLifecycleStage(run.lifecycleStage().text())
            .setRunId(run.runId());
    Long endTime = run.endTime();
    // MLflow takes an end at 0 for none.
    if (endTime != null && endTime != 0) {
      info.setEndTime(endTime);
    }
    return info.build();
  }
}
