package dev.millrace.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.GetMetricHistoryBulkIntervalRequest;
import dev.millrace.proto.GetMetricHistoryBulkRequest;
import dev.millrace.proto.GetMetricHistoryRequest;
import dev.millrace.proto.GetMetricHistoryResponse;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.MetricWithRunId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class MetricContract extends TrackingContract {

  @Test
  final void latestIsTheGreatestByStepTimeAndValueInWhateverOrderItComes() {
    String id = newRun(newExperiment());
    List<Metric> points =
        new ArrayList<>(
            List.of(
                point("m", 9, 5, 1),
                point("m", 1, 4, 2),
                point("m", 3, 4, 2),
                point("m", 2, 9, -3)));
    Random random = new Random(1);
    for (int round = 0; round < 8; round++) {
      String key = "m" + round;
      Collections.shuffle(points, random);
      points.forEach(point -> logMetric(id, point.toBuilder().setKey(key).build()));
      String batched = "b" + round;
      log(
          id,
          points.stream()
              .map(point -> point.toBuilder().setKey(batched).build())
              .toArray(Metric[]::new));
      assertThat(latest(id, key)).isEqualTo(point(key, 3, 4, 2));
      assertThat(latest(id, batched)).isEqualTo(point(batched, 3, 4, 2));
    }
  }

  @Test
  final void nanCountsAsZeroAndInfinityAsTheLastNumber() {
    String id = newRun(newExperiment());
    logMetric(id, point("m", Double.NaN, 1, 0));
    logMetric(id, point("m", Double.NEGATIVE_INFINITY, 1, 0));
    assertThat(latest(id, "m").getValue()).isNaN();
    logMetric(id, point("m", -0.0, 1, 0));
    logMetric(id, point("m", Double.MIN_VALUE, 1, 0));
    assertThat(latest(id, "m").getValue()).isEqualTo(Double.MIN_VALUE);
    logMetric(id, point("m", Double.POSITIVE_INFINITY, 1, 0));
    assertThat(latest(id, "m").getValue()).isEqualTo(Double.MAX_VALUE);
    assertThat(history(id, "m"))
        .extracting(Metric::getValue)
        .containsExactly(-Double.MAX_VALUE, 0.0, Double.NaN, Double.MIN_VALUE, Double.MAX_VALUE);
  }

  @Test
  final void pointWrittenTwiceIsOnePoint() {
    String id = newRun(newExperiment());
    for (int i = 0; i < 3; i++) {
      logMetric(id, point("m", 0.1, 1, 1));
      logMetric(id, point("m", Double.NaN, 1, 1));
      log(id, point("m", 0.1, 1, 1), point("m", 0.1, 1, 1), point("m", 0.2, 1, 1));
    }
    assertThat(history(id, "m"))
        .containsExactly(
            point("m", Double.NaN, 1, 1), point("m", 0.1, 1, 1), point("m", 0.2, 1, 1));
  }

  @Test
  final void extremes() {
    String id = newRun(newExperiment());
    logMetric(id, point("m", 1, Long.MAX_VALUE, Long.MIN_VALUE));
    logMetric(id, point("m", 1, 0, Long.MAX_VALUE));
    assertThat(history(id, "m"))
        .containsExactly(
            point("m", 1, 0, Long.MAX_VALUE), point("m", 1, Long.MAX_VALUE, Long.MIN_VALUE));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1e+22). Timestamp"
            + " must be a nonnegative long (64-bit integer) ",
        () -> logMetric(id, point("m", 1e22, -1, 0)));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value \"a#\" for parameter 'name' supplied: Names may only contain alphanumerics,"
            + " underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
        () -> logMetric(id, point("a#", 1, 1, 0)));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'Metric name' exceeds the maximum length of 250 characters",
        () -> logMetric(id, point("k".repeat(251), 1, 1, 0)));
  }

  @Test
  final void longHistoryComesInPagesThatCostTheSame() {
    String id = newRun(newExperiment());
    int count = 100_000;
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, new Random(2));
    for (int from = 0; from < count; from += 1000) {
      log(
          id,
          order.subList(from, from + 1000).stream()
              // Ties in time, some in step too.
              .map(i -> point("m", i, i / 7, i / 3))
              .toArray(Metric[]::new));
    }
    List<Double> values = new ArrayList<>();
    String token = "";
    do {
      GetMetricHistoryRequest request =
          GetMetricHistoryRequest.newBuilder()
              .setRunId(id)
              .setMetricKey("m")
              .setMaxResults(9_999)
              .setPageToken(token)
              .build();
      GetMetricHistoryResponse[] page = new GetMetricHistoryResponse[1];
      assertThat(statements(() -> page[0] = Parts.merge(metrics.getMetricHistory(request))))
          .isLessThanOrEqualTo(5);
      assertThat(page[0].getMetricsCount()).isLessThanOrEqualTo(9_999);
      page[0].getMetricsList().forEach(metric -> values.add(metric.getValue()));
      assertThat(page[0].hasNextPageToken()).isEqualTo(values.size() < count);
      token = page[0].getNextPageToken();
    } while (!token.isEmpty());
    assertThat(values).isEqualTo(IntStream.range(0, count).mapToObj(i -> (double) i).toList());
  }

  @Test
  final void tokensOfMlflowAndOfNobody() {
    String id = newRun(newExperiment());
    log(id, point("m", 1, 1, 1), point("m", 2, 2, 2), point("m", 3, 3, 3));
    assertThat(page(id, 5, "{\"offset\": 2}")).containsExactly(point("m", 3, 3, 3));
    assertThat(page(id, 5, "{\"offset\": 1000}")).isEmpty();
    for (String token :
        List.of(
            "{}",
            "[]",
            "null",
            "{\"offset\": -1}",
            "{\"after\": [1]}",
            "{\"after\": [1, \"x\", 1.0, false]}")) {
      assertFailsWith(ErrorCode.INVALID_PARAMETER_VALUE, () -> page(id, 5, token));
    }
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer.",
        () -> page(id, 0, ""));
  }

  @Test
  final void bulkIsOrderedByRunAndLimitedInAll() {
    String experiment = newExperiment();
    List<String> ids = new ArrayList<>(List.of(newRun(experiment), newRun(experiment)));
    ids.forEach(id -> log(id, point("m", 2, 2, 2), point("m", 1, 1, 1), point("n", 0, 0, 0)));
    List<MetricWithRunId> all = bulk(ids, 25_000);
    Collections.sort(ids);
    assertThat(all)
        .extracting(MetricWithRunId::getRunId, MetricWithRunId::getValue)
        .containsExactly(
            tuple(ids.get(0), 1.0),
            tuple(ids.get(0), 2.0),
            tuple(ids.get(1), 1.0),
            tuple(ids.get(1), 2.0));
    assertThat(bulk(ids, 3)).isEqualTo(all.subList(0, 3));
    assertThat(bulk(ids, 0)).isEmpty();
    assertThat(bulk(List.of(ids.get(0), ids.get(0), "none"), 9)).isEqualTo(all.subList(0, 2));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids.",
        () -> bulk(Collections.nCopies(101, "r"), 9));
  }

  @Test
  final void bulkIsTheSameInParts() {
    String experiment = newExperiment();
    List<String> ids = new ArrayList<>(List.of(newRun(experiment), newRun(experiment)));
    Collections.sort(ids);
    for (int from = 0; from < 3000; from += 1000) {
      log(
          ids.getFirst(),
          IntStream.range(from, from + 1000)
              .mapToObj(i -> point("m", i, i, i))
              .toArray(Metric[]::new));
    }
    log(ids.getLast(), point("m", 5000, 0, 0));
    List<MetricWithRunId> all = bulk(ids, 25_000);
    assertThat(all)
        .extracting(MetricWithRunId::getValue)
        .containsExactlyElementsOf(
            DoubleStream.concat(IntStream.range(0, 3000).asDoubleStream(), DoubleStream.of(5000))
                .boxed()
                .toList());
    for (int size : List.of(1999, 2000, 2001, 3000, 3001)) {
      assertThat(bulk(ids, size)).isEqualTo(all.subList(0, size));
    }
  }

  @Test
  final void samplesKeepBothEndsAndEvenDistances() {
    String id = newRun(newExperiment());
    for (int count = 0; count <= 13; count++) {
      String key = "m" + count;
      log(
          id,
          IntStream.range(0, count).mapToObj(i -> point(key, i, 9, i / 2)).toArray(Metric[]::new));
      for (int size = 1; size <= 14; size++) {
        assertThat(sample(List.of(id), key, size))
            .as("%d of %d", size, count)
            .extracting(point -> (int) point.getValue())
            .isEqualTo(expectedSample(count, size));
      }
    }
  }

  /** The first of each of {@code size} buckets as NTILE makes them, in the last one its last. */
  private static List<Integer> expectedSample(int count, int size) {
    if (count <= size) {
      return IntStream.range(0, count).boxed().toList();
    }
    List<Integer> sample = new ArrayList<>();
    int next = 0;
    for (int bucket = 0; bucket < size; bucket++) {
      sample.add(next);
      next += count / size + (bucket < count % size ? 1 : 0);
    }
    sample.set(size - 1, count - 1);
    return sample;
  }

  @Test
  final void samplesOfManyRunsComeInTheOrderAskedForInTwoStatements() {
    String experiment = newExperiment();
    List<String> ids = IntStream.range(0, 20).mapToObj(_ -> newRun(experiment)).toList();
    ids.forEach(id -> log(id, point("m", 1, 1, 1), point("m", 5, 1, 5), point("m", 9, 1, 9)));
    List<String> asked = new ArrayList<>(ids);
    Collections.shuffle(asked, new Random(3));
    asked.add(asked.getFirst());
    asked.add("none");
    GetMetricHistoryBulkIntervalRequest request =
        GetMetricHistoryBulkIntervalRequest.newBuilder()
            .addAllRunIds(asked)
            .setMetricKey("m")
            .setStartStep(2)
            .setEndStep(9)
            .build();
    List<MetricWithRunId> sample = new ArrayList<>();
    assertThat(
            statements(
                () ->
                    sample.addAll(metrics.getMetricHistoryBulkInterval(request).getMetricsList())))
        .isEqualTo(2);
    assertThat(sample)
        .extracting(MetricWithRunId::getRunId)
        .isEqualTo(
            asked.stream()
                .filter(id -> !id.equals("none"))
                .flatMap(id -> List.of(id, id).stream())
                .toList());
    assertThat(sample).extracting(MetricWithRunId::getStep).containsOnly(5L, 9L);
  }

  @Test
  final void deletedRunKeepsItsHistory() {
    String id = newRun(newExperiment());
    log(id, point("m", 1, 1, 1));
    runs.deleteRun(DeleteRunRequest.newBuilder().setRunId(id).build());
    assertThat(history(id, "m")).hasSize(1);
    assertThat(bulk(List.of(id), 9)).hasSize(1);
    assertThat(sample(List.of(id), "m", 9)).hasSize(1);
    assertThat(history("none", "m")).isEmpty();
    assertThat(history(id, "none")).isEmpty();
  }

  private void logMetric(String id, Metric metric) {
    metrics.logMetric(
        LogMetricRequest.newBuilder()
            .setRunId(id)
            .setKey(metric.getKey())
            .setValue(metric.getValue())
            .setTimestamp(metric.getTimestamp())
            .setStep(metric.getStep())
            .build());
  }

  private Metric latest(String id, String key) {
    return run(id).getData().getMetricsList().stream()
        .filter(metric -> metric.getKey().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private List<Metric> page(String id, int size, String token) {
    return Parts.merge(
            metrics.getMetricHistory(
                GetMetricHistoryRequest.newBuilder()
                    .setRunId(id)
                    .setMetricKey("m")
                    .setMaxResults(size)
                    .setPageToken(Base64.getEncoder().encodeToString(token.getBytes(UTF_8)))
                    .build()))
        .getMetricsList();
  }

  private List<MetricWithRunId> bulk(List<String> ids, long size) {
    return Parts.merge(
            metrics.getMetricHistoryBulk(
                GetMetricHistoryBulkRequest.newBuilder()
                    .addAllRunId(ids)
                    .setMetricKey("m")
                    .setMaxResults(size)
                    .build()))
        .getMetricsList();
  }

  private List<MetricWithRunId> sample(List<String> ids, String key, int size) {
    return metrics
        .getMetricHistoryBulkInterval(
            GetMetricHistoryBulkIntervalRequest.newBuilder()
                .addAllRunIds(ids)
                .setMetricKey(key)
                .setMaxResults(size)
                .build())
        .getMetricsList();
  }
}
