package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.LogParamRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.Param;
import dev.millrace.proto.Run;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.testing.Together;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class LogBatchContract extends TrackingContract {

  @Test
  final void logsAllAndAgainChangesNothing() {
    String id = newRun(newExperiment());
    LogBatchRequest batch =
        LogBatchRequest.newBuilder()
            .setRunId(id)
            .addAllMetrics(points(1000 - 200))
            .addAllParams(params(100, "v"))
            .addAllTags(IntStream.range(0, 100).mapToObj(i -> tag("t" + i, "v" + i)).toList())
            .build();
    runs.logBatch(batch);
    Run first = run(id);
    assertThat(first.getData().getMetricsList())
        .containsExactlyInAnyOrderElementsOf(batch.getMetricsList());
    assertThat(first.getData().getParamsList())
        .containsExactlyInAnyOrderElementsOf(batch.getParamsList());
    assertThat(first.getData().getTagsList()).containsAll(batch.getTagsList()).hasSize(101);
    // State of the run, params before, points, latest points, params, tags. No new key is left.
    assertThat(statements(() -> runs.logBatch(batch))).isLessThanOrEqualTo(6);
    assertThat(run(id)).isEqualTo(first);
    assertThat(history(id, "m7")).hasSize(1);
  }

  @Test
  final void singleWritesTakeFewStatements() {
    String id = newRun(newExperiment());
    log(id, point("m", 0, 0, 0));
    assertThat(statements(() -> log(id, point("m", 1, 1, 1)))).isEqualTo(3);
    log(id, point("new key", 1, 1, 1));
    assertThat(statements(() -> log(id, point("new key", 1, 1, 1)))).isEqualTo(3);
  }

  @Test
  final void refusedBatchStoresNothing() {
    String id = newRun(newExperiment());
    logParam(id, "a", "it's");
    Run before = run(id);
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Changing param values is not allowed. Params were already logged='[{'key': 'a',"
            + " 'old_value': \"it's\", 'new_value': '\"\\n'}]' for run ID='"
            + id
            + "'.",
        () ->
            runs.logBatch(
                batch(id)
                    .addMetrics(point("m", 1, 1, 1))
                    .addParams(param("b", "1"))
                    .addParams(param("a", "\"\n"))
                    .addTags(tag("t", "v"))
                    .build()));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Changing param values is not allowed. Param with key='a' was already logged with"
            + " value='it's' for run ID='"
            + id
            + "'. Attempted logging new value 'x'.",
        () -> logParam(id, "a", "x"));
    assertFailsWith(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () ->
            runs.logBatch(
                batch(id).addMetrics(point("m", 1, 1, 1)).addTags(tag("../t", "v")).build()));
    assertFailsWith(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () ->
            runs.logBatch(
                batch(id).addMetrics(point("m", 1, 1, 1)).addTags(tag("t", "\0")).build()));
    assertThat(run(id)).isEqualTo(before);
    assertThat(history(id, "m")).isEmpty();
    logParam(id, "a", "it's");
  }

  @Test
  final void limitsAndTheirOrder() {
    String id = newRun(newExperiment());
    assertRefused(
        "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split"
            + " up metrics across multiple requests and try again.",
        batch(id).addAllMetrics(points(1001)).addAllParams(params(101, "v")));
    assertRefused(
        "A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001"
            + " metrics, params, and tags. Please split up metrics, params, and tags across"
            + " multiple requests and try again.",
        batch(id).addAllMetrics(points(901)).addAllParams(params(100, "v")));
    assertRefused(
        "Duplicate parameter keys have been submitted: ['p0', 'p0']. Please ensure the request"
            + " contains only one param value per param key.",
        batch(id)
            .addAllParams(params(1, "v"))
            .addAllParams(params(1, "v"))
            .addAllParams(params(1, "w")));
    assertRefused(
        "'tags[1].key' exceeds the maximum length of 250 characters",
        batch(id).addTags(tag("t", "v")).addTags(tag("k".repeat(251), "v")));
    assertRefused(
        "Invalid value \"..\" for parameter 'metrics[1].name' supplied: Names may be treated as"
            + " files in certain cases, and must not resolve to other names when treated as such."
            + " This name would resolve to '..'",
        batch(id)
            .addMetrics(point("m", 1, 1, 1))
            .addMetrics(point("..", 1, 1, 1))
            .addParams(param("../p", "v")));
    assertRefused(
        "Invalid value \"a b\" for parameter 'run_id' supplied.",
        batch("a b").addParams(param("../p", "v")));
  }

  @Test
  final void valuesThatAreTooLongAreCutToCharacters() {
    String id = newRun(newExperiment());
    runs.logBatch(
        batch(id)
            .addParams(param("p", "🚀".repeat(6001)))
            .addTags(tag("t", "🚀".repeat(8001)))
            .addTags(tag("u", "old"))
            .addTags(tag("u", "new"))
            .build());
    Run run = run(id);
    assertThat(run.getData().getParamsList()).containsExactly(param("p", "🚀".repeat(6000)));
    assertThat(run.getData().getTagsList()).contains(tag("t", "🚀".repeat(8000)), tag("u", "new"));
    logParam(id, "p", "🚀".repeat(7000));
  }

  @Test
  final void manyWritersOnOneRunLoseNothing() {
    String id = newRun(newExperiment());
    int writers = 64;
    int rounds = 10;
    Together.run(
        writers,
        writer -> {
          for (int round = 0; round < rounds; round++) {
            long step = (long) round * writers + writer;
            // Every writer touches the same keys, each in an order of its own.
            List<Metric> points = new ArrayList<>();
            for (int k = 0; k < 20; k++) {
              points.add(point("shared" + (k + writer) % 20, writer, step, step));
            }
            runs.logBatch(
                batch(id)
                    .addAllMetrics(points)
                    .addParams(param("p" + (round + writer) % 5, "same"))
                    .addTags(tag("t" + writer % 7, "v" + step))
                    .build());
            metrics.logMetric(
                LogMetricRequest.newBuilder()
                    .setRunId(id)
                    .setKey("single")
                    .setValue(writer)
                    .setTimestamp(step)
                    .setStep(step)
                    .build());
            runs.setTag(
                SetTagRequest.newBuilder().setRunId(id).setKey("w").setValue("" + step).build());
          }
        });
    long last = (long) writers * rounds - 1;
    Run run = run(id);
    assertThat(run.getData().getMetricsCount()).isEqualTo(21);
    assertThat(run.getData().getMetricsList())
        .allSatisfy(
            metric -> {
              assertThat(metric.getStep()).isEqualTo(last);
              assertThat(metric.getValue()).isEqualTo(writers - 1);
            });
    assertThat(run.getData().getParamsCount()).isEqualTo(5);
    assertThat(run.getData().getTagsCount()).isEqualTo(9);
    for (String key : List.of("shared0", "shared19", "single")) {
      assertThat(history(id, key)).extracting(Metric::getStep).hasSize(writers * rounds).isSorted();
    }
  }

  @Test
  final void manyWritersOnManyRunsGetTheirOwnOutcome() {
    String experiment = newExperiment();
    List<String> ids = IntStream.range(0, 16).mapToObj(_ -> newRun(experiment)).toList();
    Queue<String> refusals = new ConcurrentLinkedQueue<>();
    Together.run(
        64,
        writer -> {
          String id = ids.get(writer % ids.size());
          for (int round = 0; round < 5; round++) {
            log(id, point("m", writer, round, writer));
            try {
              switch (writer % 4) {
                case 0 -> log("none", point("m", writer, round, writer));
                case 1 -> log(id, point("../m", writer, round, writer));
                default -> log(id, point("n", writer, round, writer));
              }
            } catch (StatusRuntimeException e) {
              refusals.add(Errors.fromStatus(e).code().name());
            }
          }
        });
    assertThat(refusals)
        .hasSize(2 * 16 * 5)
        .containsOnly("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE");
    for (String id : ids) {
      assertThat(history(id, "m")).hasSize(4 * 5);
    }
  }

  @Test
  final void onlyOneValueOfAParamWins() {
    String id = newRun(newExperiment());
    Queue<String> stored = new ConcurrentLinkedQueue<>();
    Together.run(
        32,
        writer -> {
          String value = "v" + writer % 8;
          try {
            if (writer % 2 == 0) {
              logParam(id, "p", value);
            } else {
              runs.logBatch(
                  batch(id)
                      .addParams(param("q" + writer, "v"))
                      .addParams(param("p", value))
                      .build());
            }
            stored.add(value);
          } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("Changing param values is not allowed");
          }
        });
    assertThat(stored).isNotEmpty();
    List<Param> params = run(id).getData().getParamsList();
    assertThat(params).contains(param("p", stored.peek()));
    assertThat(stored).containsOnly(stored.peek());
    // A refused batch has left none of its other params behind.
    assertThat(params)
        .hasSize(
            1
                + (int)
                    IntStream.range(0, 32)
                        .filter(w -> w % 2 == 1 && stored.contains("v" + w % 8))
                        .count());
  }

  @Test
  final void twoStoresOnOneDatabaseDoNotGetInEachOthersWay() {
    String id = newRun(newExperiment());
    try (OtherStore other = openAnother()) {
      Together.run(
          16,
          writer -> {
            for (int round = 0; round < 10; round++) {
              List<Metric> points = new ArrayList<>();
              for (int k = 0; k < 10; k++) {
                points.add(point("k" + (k * (writer + 1)) % 10, writer, round, writer));
              }
              LogBatchRequest batch =
                  batch(id)
                      .addAllMetrics(points)
                      .addParams(param("p" + round, "same"))
                      .addTags(tag("t", "v" + round))
                      .build();
              (writer % 2 == 0 ? runs : other.runs()).logBatch(batch);
            }
          });
    }
    assertThat(history(id, "k0")).hasSizeGreaterThanOrEqualTo(16 * 10);
    assertThat(run(id).getData().getParamsCount()).isEqualTo(10);
  }

  private void assertRefused(String message, LogBatchRequest.Builder batch) {
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> runs.logBatch(batch.build()));
  }

  private void logParam(String id, String key, String value) {
    runs.logParam(LogParamRequest.newBuilder().setRunId(id).setKey(key).setValue(value).build());
  }

  private static LogBatchRequest.Builder batch(String id) {
    return LogBatchRequest.newBuilder().setRunId(id);
  }

  private static List<Metric> points(int count) {
    return IntStream.range(0, count).mapToObj(i -> point("m" + i, i, 5, 0)).toList();
  }

  private static List<Param> params(int count, String value) {
    return IntStream.range(0, count).mapToObj(i -> param("p" + i, value)).toList();
  }
}
