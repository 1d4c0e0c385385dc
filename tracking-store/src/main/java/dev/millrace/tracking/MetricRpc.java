package dev.millrace.tracking;

import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.proto.GetMetricHistoryBulkIntervalRequest;
import dev.millrace.proto.GetMetricHistoryBulkIntervalResponse;
import dev.millrace.proto.GetMetricHistoryBulkRequest;
import dev.millrace.proto.GetMetricHistoryBulkResponse;
import dev.millrace.proto.GetMetricHistoryRequest;
import dev.millrace.proto.GetMetricHistoryResponse;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.LogMetricResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.MetricServiceGrpc;
import dev.millrace.proto.MetricWithRunId;
import dev.millrace.tracking.MetricStore.RunPoint;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.List;

/** Metrics on the wire. */
final class MetricRpc extends MetricServiceGrpc.MetricServiceImplBase {

  private final Metrics metrics;
  private final Batches batches;

  MetricRpc(Metrics metrics, Batches batches) {
    this.metrics = metrics;
    this.batches = batches;
  }

  @Override
  public void logMetric(LogMetricRequest request, StreamObserver<LogMetricResponse> observer) {
    MetricRow point =
        new MetricRow(
            request.getKey(), request.getValue(), request.getTimestamp(), request.getStep());
    List<LoggedModelMetricRow> onModel =
        request.getModelId().isEmpty()
            ? List.of()
            : List.of(
                new LoggedModelMetricRow(
                    request.getModelId(),
                    request.getRunId(),
                    point,
                    request.getDatasetName(),
                    request.getDatasetDigest()));
    batches.logMetric(request.getRunId(), point, onModel);
    Reply.send(observer, LogMetricResponse.getDefaultInstance());
  }

  @Override
  public void getMetricHistory(
      GetMetricHistoryRequest request, StreamObserver<GetMetricHistoryResponse> observer) {
    Iterator<Metrics.Page> parts =
        metrics.history(
            request.getRunId(),
            request.getMetricKey(),
            request.hasMaxResults() ? request.getMaxResults() : null,
            request.getPageToken());
    Parts.send(observer, parts, MetricRpc::proto);
  }

  private static GetMetricHistoryResponse proto(Metrics.Page part) {
    GetMetricHistoryResponse.Builder response = GetMetricHistoryResponse.newBuilder();
    part.metrics().forEach(metric -> response.addMetrics(proto(metric)));
    if (part.nextPageToken() != null) {
      response.setNextPageToken(part.nextPageToken());
    }
    return response.build();
  }

  @Override
  public void getMetricHistoryBulk(
      GetMetricHistoryBulkRequest request, StreamObserver<GetMetricHistoryBulkResponse> observer) {
    Iterator<List<RunPoint>> parts =
        metrics.histories(
            request.getRunIdList(),
            request.hasMetricKey() ? request.getMetricKey() : null,
            request.hasMaxResults() ? request.getMaxResults() : null);
    Parts.send(observer, parts, MetricRpc::proto);
  }

  private static GetMetricHistoryBulkResponse proto(List<RunPoint> part) {
    GetMetricHistoryBulkResponse.Builder response = GetMetricHistoryBulkResponse.newBuilder();
    part.forEach(point -> response.addMetrics(proto(point)));
    return response.build();
  }

  @Override
  public void getMetricHistoryBulkInterval(
      GetMetricHistoryBulkIntervalRequest request,
      StreamObserver<GetMetricHistoryBulkIntervalResponse> observer) {
    GetMetricHistoryBulkIntervalResponse.Builder response =
        GetMetricHistoryBulkIntervalResponse.newBuilder();
    metrics
        .samples(
            request.getRunIdsList(),
            request.getMetricKey(),
            request.hasStartStep() ? request.getStartStep() : null,
            request.hasEndStep() ? request.getEndStep() : null,
            request.hasMaxResults() ? request.getMaxResults() : null)
        .forEach(point -> response.addMetrics(proto(point)));
    Reply.send(observer, response.build());
  }

  /** A point of a run as clients see it. */
  static Metric proto(MetricRow metric) {
    return Metric.newBuilder()
        .setKey(metric.key())
        .setValue(metric.value())
        .setTimestamp(metric.timestamp())
        .setStep(metric.step())
        .build();
  }

  /** A point that a client logs. */
  static MetricRow row(Metric metric) {
    return new MetricRow(
        metric.getKey(), metric.getValue(), metric.getTimestamp(), metric.getStep());
  }

  private static MetricWithRunId proto(RunPoint point) {
    MetricRow metric = point.point();
    return MetricWithRunId.newBuilder()
        .setKey(metric.key())
        .setValue(metric.value())
        .setTimestamp(metric.timestamp())
        .setStep(metric.step())
        .setRunId(point.runId())
        .build();
  }
}
