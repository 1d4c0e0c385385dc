package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged outlives a {@code kill -9} in the middle of concurrent logging. */
abstract class KillContract {

  private static final int WRITERS = 8;
  private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 400;

  /** A new database's URL. */
  abstract String database(Path folder);

  @Test
  final void killLosesNothingAcknowledged(@TempDir Path folder) throws Exception {
    String database = database(folder);
    List<Writer> writers = new ArrayList<>();
    try (MillraceProcess server = MillraceProcess.start(folder, "--database-url", database);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch acknowledged = new CountDownLatch(ACKNOWLEDGED_BEFORE_THE_KILL);
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Writer writer = new Writer(server.address(), acknowledged);
        writers.add(writer);
        ends.add(threads.submit(writer::writeUntilTheServerDies));
      }
      assertThat(acknowledged.await(5, TimeUnit.MINUTES)).isTrue();
      server.kill();
      for (Future<?> end : ends) {
        end.get();
      }
    }
    try (MillraceProcess server = MillraceProcess.start(folder, "--database-url", database)) {
      for (Writer writer : writers) {
        writer.expectAllAcknowledged(server.address());
      }
    }
  }

  /** Logs one point after the other to a run of its own, and remembers what was acknowledged. */
  private static final class Writer {

    private final String url;
    private final String runId;
    private final CountDownLatch acknowledged;
    private int points;
    private int files;

    Writer(String url, CountDownLatch acknowledged) throws IOException, InterruptedException {
      this.url = url;
      this.acknowledged = acknowledged;
      try (Rest rest = new Rest(url)) {
        this.runId =
            rest.post("runs/create", "{\"experiment_id\": \"0\"}").at("/run/info/run_id").asText();
      }
    }

    void writeUntilTheServerDies() {
      try (Rest rest = new Rest(url)) {
        while (true) {
          rest.post(
              "runs/log-batch",
              """
              {"run_id": "%s", "metrics": [{"key": "m", "value": %d, "timestamp": 1, "step": %d}]}
              """
                  .formatted(runId, points, points));
          points++;
          acknowledged.countDown();
          if (points % 10 == 0) {
            HttpResponse<byte[]> put =
                rest.send(rest.request(file(files)).PUT(BodyPublishers.ofString(content(files))));
            if (put.statusCode() != 200) {
              throw new IllegalStateException("PUT answered " + put.statusCode());
            }
            files++;
          }
        }
      } catch (IOException e) {
        if (acknowledged.getCount() > 0) {
          throw new IllegalStateException("Failed before the server was killed", e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void expectAllAcknowledged(String restarted) throws IOException, InterruptedException {
      try (Rest rest = new Rest(restarted)) {
        Set<Integer> steps = new TreeSet<>();
        JsonNode history = rest.get("metrics/get-history?metric_key=m&run_id=" + runId);
        for (JsonNode metric : history.path("metrics")) {
          assertThat(metric.get("value").asInt()).isEqualTo(metric.get("step").asInt());
          steps.add(metric.get("step").asInt());
        }
        // The last request may have been stored, though its answer never came.
        assertThat(steps.size()).isBetween(points, points + 1);
        for (int step = 0; step < points; step++) {
          assertThat(steps).contains(step);
        }
        for (int number = 0; number < files; number++) {
          HttpResponse<byte[]> file = rest.send(rest.request(file(number)));
          assertThat(file.statusCode()).isEqualTo(200);
          assertThat(new String(file.body(), StandardCharsets.UTF_8)).isEqualTo(content(number));
        }
      }
    }

    private String file(int number) {
      return "/api/2.0/mlflow-artifacts/artifacts/0/%s/artifacts/%d.txt".formatted(runId, number);
    }

    private static String content(int number) {
      return "file %d\n".formatted(number).repeat(1000);
    }
  }
}
