package dev.millrace.tracking;

import dev.millrace.platform.grpc.Reply;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.CreateRunResponse;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.GetRunInfoResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GetRunResponse;
import dev.millrace.proto.LogInputsRequest;
import dev.millrace.proto.LogInputsResponse;
import dev.millrace.proto.LogModelRequest;
import dev.millrace.proto.LogModelResponse;
import dev.millrace.proto.LogOutputsRequest;
import dev.millrace.proto.LogOutputsResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.ModelInput;
import dev.millrace.proto.ModelOutput;
import dev.millrace.proto.Param;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunData;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunInputs;
import dev.millrace.proto.RunOutputs;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import io.grpc.stub.StreamObserver;

/** Runs on the wire. */
final class RunRpc extends RunServiceGrpc.RunServiceImplBase {

  private final Runs runs;
  private final Inputs inputs;

  RunRpc(Runs runs, Inputs inputs) {
    this.runs = runs;
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
            request.getTagsList());
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

  /** A run as clients see it. */
  static Run proto(RunContent content) {
    RunData.Builder data = RunData.newBuilder();
    for (MetricRow metric : content.metrics()) {
      data.addMetrics(
          Metric.newBuilder()
              .setKey(metric.key())
              .setValue(metric.value())
              .setTimestamp(metric.timestamp())
              .setStep(metric.step()));
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
    if (run.endTime() != null) {
      info.setEndTime(run.endTime());
    }
    return info.build();
  }
}
