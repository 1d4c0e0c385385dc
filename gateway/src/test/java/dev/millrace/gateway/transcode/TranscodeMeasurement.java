package dev.millrace.gateway.transcode;

import com.google.protobuf.Message;
import com.sun.management.ThreadMXBean;
import dev.millrace.proto.GetMetricHistoryResponse;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.Param;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunData;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunInputs;
import dev.millrace.proto.RunOutputs;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import dev.millrace.proto.SearchRunsResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What JSON costs: CPU time and allocation of writing and reading the messages that matter. It
 * prints a table, and asserts nothing. It runs only when named: {@code mvn verify -pl gateway -am
 * -Dtest=TranscodeMeasurement -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class TranscodeMeasurement {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final int ROUNDS = 30;
  private static final long ROUND_NANOS = 30_000_000L;

  @Test
  void measure() {
    System.out.printf("%n| | CPU, us | allocated, KiB |%n|---|---|---|%n");
    write("search page of 100 runs", page(100));
    write("search page of 1,000 runs", page(1000));
    write("history of 100,000 points", history(100_000));
    write("one run", page(1));
    read("log-batch of 1,000 metrics", LogBatchRequest.getDefaultInstance(), batch(1000));
    read("log-batch of 1 metric", LogBatchRequest.getDefaultInstance(), batch(1));
    read(
        "log-metric",
        LogMetricRequest.getDefaultInstance(),
        """
        {"run_uuid": "9d0b3f4e5a6c4b7d8e9f0a1b2c3d4e5f", "run_id": "9d0b3f4e5a6c4b7d8e9f0a1b2c3d4e5f", \
        "key": "loss", "value": 0.6931471805599453, "timestamp": 1795490083290, "step": 5}\
        """);
  }

  private static void write(String what, Message message) {
    MessageWriter writer = MessageWriter.of(message);
    row(
        "write " + what,
        () -> {
          JsonOutput json = new JsonOutput(OutputStream.nullOutputStream());
          writer.write(message, json);
          json.flush();
        });
    row(
        "write " + what + ", by reflection",
        () -> ReflectiveWriter.write(message, OutputStream.nullOutputStream()));
  }

  private static void read(String what, Message type, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    RequestReader reader = new RequestReader(type);
    row(
        "read " + what,
        () -> {
          Message _ = reader.fromBody(bytes).build();
        });
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static void row(String what, Work work) {
    repeat(work, WARM_UP_NANOS);
    double[] micros = new double[ROUNDS];
    long before = THREADS.getCurrentThreadAllocatedBytes();
    long runs = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long start = THREADS.getCurrentThreadCpuTime();
      int count = repeat(work, ROUND_NANOS);
      micros[i] = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / count;
      runs += count;
    }
    Arrays.sort(micros);
    System.out.printf(
        "| %s | %.1f | %.1f |%n",
        what,
        micros[ROUNDS / 2],
        (THREADS.getCurrentThreadAllocatedBytes() - before) / 1024.0 / runs);
  }

  private static int repeat(Work work, long nanos) {
    int count = 0;
    try {
      for (long end = System.nanoTime() + nanos; System.nanoTime() < end; count++) {
        work.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return count;
  }

  private static SearchRunsResponse page(int runs) {
    Random random = new Random(1);
    SearchRunsResponse.Builder page = SearchRunsResponse.newBuilder().setNextPageToken("eyJ9");
    for (int r = 0; r < runs; r++) {
      String id = "%016x%016x".formatted(random.nextLong(), random.nextLong());
      RunInfo.Builder info =
          RunInfo.newBuilder()
              .setRunUuid(id)
              .setRunId(id)
              .setRunName("able-fox-" + r)
              .setExperimentId("1")
              .setUserId("someone")
              .setStatus(RunStatus.FINISHED)
              .setStartTime(1795490083290L + r)
              .setEndTime(1795490093290L + r)
              .setArtifactUri("mlflow-artifacts:/1/" + id + "/artifacts")
              .setLifecycleStage("active");
      RunData.Builder data = RunData.newBuilder();
      for (int i = 0; i < 20; i++) {
        data.addMetrics(metric("metric_" + i, random.nextDouble(), i));
      }
      for (int i = 0; i < 10; i++) {
        data.addParams(Param.newBuilder().setKey("param_" + i).setValue("" + random.nextInt(1000)));
      }
      for (int i = 0; i < 3; i++) {
        data.addTags(RunTag.newBuilder().setKey("mlflow.tag" + i).setValue("value of " + i));
      }
      page.addRuns(
          Run.newBuilder()
              .setInfo(info)
              .setData(data)
              .setInputs(RunInputs.getDefaultInstance())
              .setOutputs(RunOutputs.getDefaultInstance()));
    }
    return page.build();
  }

  private static GetMetricHistoryResponse history(int points) {
    Random random = new Random(1);
    GetMetricHistoryResponse.Builder history = GetMetricHistoryResponse.newBuilder();
    for (int i = 0; i < points; i++) {
      history.addMetrics(metric("loss", random.nextDouble(), i));
    }
    return history.build();
  }

  private static Metric metric(String key, double value, long step) {
    return Metric.newBuilder()
        .setKey(key)
        .setValue(value)
        .setTimestamp(1795490083290L + step)
        .setStep(step)
        .build();
  }

  private static String batch(int metrics) {
    LogBatchRequest.Builder batch =
        LogBatchRequest.newBuilder().setRunId("9d0b3f4e5a6c4b7d8e9f0a1b2c3d4e5f");
    Random random = new Random(1);
    for (int i = 0; i < metrics; i++) {
      batch.addMetrics(metric("metric_" + i, random.nextDouble(), i));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ReflectiveWriter.write(batch.build(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
