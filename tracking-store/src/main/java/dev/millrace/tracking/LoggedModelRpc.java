package dev.millrace.tracking;

import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.AppendLoggedModelVersionRequest;
import dev.millrace.proto.AppendLoggedModelVersionResponse;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.CreateLoggedModelResponse;
import dev.millrace.proto.DeleteLoggedModelRequest;
import dev.millrace.proto.DeleteLoggedModelResponse;
import dev.millrace.proto.DeleteLoggedModelTagRequest;
import dev.millrace.proto.DeleteLoggedModelTagResponse;
import dev.millrace.proto.FinalizeLoggedModelRequest;
import dev.millrace.proto.FinalizeLoggedModelResponse;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetLoggedModelResponse;
import dev.millrace.proto.LogLoggedModelParamsRequest;
import dev.millrace.proto.LogLoggedModelParamsResponse;
import dev.millrace.proto.LoggedModel;
import dev.millrace.proto.LoggedModelData;
import dev.millrace.proto.LoggedModelInfo;
import dev.millrace.proto.LoggedModelParameter;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.LoggedModelTag;
import dev.millrace.proto.Metric;
import dev.millrace.proto.SearchLoggedModelsRequest;
import dev.millrace.proto.SearchLoggedModelsResponse;
import dev.millrace.proto.SetLoggedModelTagsRequest;
import dev.millrace.proto.SetLoggedModelTagsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Logged models on the wire. */
final class LoggedModelRpc extends LoggedModelServiceGrpc.LoggedModelServiceImplBase {

  private final LoggedModels models;

  LoggedModelRpc(LoggedModels models) {
    this.models = models;
  }

  @Override
  public void createLoggedModel(
      CreateLoggedModelRequest request, StreamObserver<CreateLoggedModelResponse> observer) {
    LoggedModelRow model =
        models.create(
            request.getExperimentId(),
            request.getName(),
            request.getModelType(),
            request.getSourceRunId(),
            params(request.getParamsList()),
            tags(request.getTagsList()));
    Reply.send(observer, CreateLoggedModelResponse.newBuilder().setModel(proto(model)).build());
  }

  @Override
  public void getLoggedModel(
      GetLoggedModelRequest request, StreamObserver<GetLoggedModelResponse> observer) {
    boolean allowDeleted = request.getAllowDeleted().equalsIgnoreCase("true");
    LoggedModelRow model = models.get(request.getModelId(), allowDeleted);
    Reply.send(observer, GetLoggedModelResponse.newBuilder().setModel(proto(model)).build());
  }

  @Override
  public void getEditableLoggedModel(
      GetLoggedModelRequest request, StreamObserver<GetLoggedModelResponse> observer) {
    getLoggedModel(request, observer);
  }

  @Override
  public void finalizeLoggedModel(
      FinalizeLoggedModelRequest request, StreamObserver<FinalizeLoggedModelResponse> observer) {
    LoggedModelRow model = models.setStatus(request.getModelId(), request.getStatusValue());
    Reply.send(observer, FinalizeLoggedModelResponse.newBuilder().setModel(proto(model)).build());
  }

  @Override
  public void deleteLoggedModel(
      DeleteLoggedModelRequest request, StreamObserver<DeleteLoggedModelResponse> observer) {
    models.delete(request.getModelId());
    Reply.send(observer, DeleteLoggedModelResponse.getDefaultInstance());
  }

  @Override
  public void setLoggedModelTags(
      SetLoggedModelTagsRequest request, StreamObserver<SetLoggedModelTagsResponse> observer) {
    models.setTags(request.getModelId(), tags(request.getTagsList()));
    Reply.send(observer, SetLoggedModelTagsResponse.getDefaultInstance());
  }

  @Override
  public void deleteLoggedModelTag(
      DeleteLoggedModelTagRequest request, StreamObserver<DeleteLoggedModelTagResponse> observer) {
    models.deleteTag(request.getModelId(), request.getTagKey());
    Reply.send(observer, DeleteLoggedModelTagResponse.getDefaultInstance());
  }

  @Override
  public void logLoggedModelParams(
      LogLoggedModelParamsRequest request, StreamObserver<LogLoggedModelParamsResponse> observer) {
    models.logParams(request.getModelId(), params(request.getParamsList()));
    Reply.send(observer, LogLoggedModelParamsResponse.getDefaultInstance());
  }

  @Override
  public void appendLoggedModelVersion(
      AppendLoggedModelVersionRequest request,
      StreamObserver<AppendLoggedModelVersionResponse> observer) {
    models.appendVersion(request.getModelId(), request.getName(), request.getVersion());
    Reply.send(observer, AppendLoggedModelVersionResponse.getDefaultInstance());
  }

  @Override
  public void searchLoggedModels(
      SearchLoggedModelsRequest request, StreamObserver<SearchLoggedModelsResponse> observer) {
    Page<LoggedModelRow> page = models.search(request);
    SearchLoggedModelsResponse.Builder response = SearchLoggedModelsResponse.newBuilder();
    page.rows().forEach(row -> response.addModels(proto(row)));
    if (page.nextToken() != null) {
      response.setNextPageToken(page.nextToken());
    }
    Reply.send(observer, response.build());
  }

  /** A logged model as clients see it. */
  static LoggedModel proto(LoggedModelRow row) {
    LoggedModelInfo.Builder info =
        LoggedModelInfo.newBuilder()
            .setModelId(row.modelId())
            .setExperimentId(Long.toString(row.experimentId()))
            .setName(row.name())
            .setCreationTimestampMs(row.creationTime())
            .setLastUpdatedTimestampMs(row.lastUpdateTime())
            .setArtifactUri(row.artifactUri())
            .setStatusValue(row.status())
            .setModelType(row.modelType())
            .setSourceRunId(row.sourceRunId());
    if (row.statusMessage() != null) {
      info.setStatusMessage(row.statusMessage());
    }
    row.tags()
        .forEach(
            (key, value) -> info.addTags(LoggedModelTag.newBuilder().setKey(key).setValue(value)));
    LoggedModelData.Builder data = LoggedModelData.newBuilder();
    row.params()
        .forEach(
            (key, value) ->
                data.addParams(LoggedModelParameter.newBuilder().setKey(key).setValue(value)));
    row.metrics().forEach(metric -> data.addMetrics(proto(metric)));
    return LoggedModel.newBuilder().setInfo(info).setData(data).build();
  }

  private static Metric proto(LoggedModelMetricRow row) {
    MetricRow point = row.point();
    Metric.Builder metric =
        Metric.newBuilder()
            .setKey(point.key())
            .setValue(point.value())
            .setTimestamp(point.timestamp())
            .setStep(point.step())
            .setModelId(row.modelId())
            .setRunId(row.runId());
    if (!row.datasetName().isEmpty()) {
      metric.setDatasetName(row.datasetName());
    }
    if (!row.datasetDigest().isEmpty()) {
      metric.setDatasetDigest(row.datasetDigest());
    }
    return metric.build();
  }

  private static List<PairRow> params(List<LoggedModelParameter> params) {
    return params.stream().map(param -> new PairRow(param.getKey(), param.getValue())).toList();
  }

  private static List<PairRow> tags(List<LoggedModelTag> tags) {
    return tags.stream().map(tag -> new PairRow(tag.getKey(), tag.getValue())).toList();
  }
}
