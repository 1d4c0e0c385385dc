package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/**
 * A little of everything through the front door, in two halves, so that a restart fits between
 * them. Knows nothing of how the services behind the URL are run.
 *
 * @param experimentId of the experiment that the first half made
 * @param runId of its run
 */
record Smoke(String experimentId, String runId) {

  private static final byte[] FILE = "written by a test\n".getBytes(StandardCharsets.UTF_8);

  /** Creates an experiment with one run that has metrics, a param, a tag, and a file. */
  static Smoke write(String url) throws Exception {
    try (Rest rest = new Rest(url)) {
      HttpResponse<byte[]> health = rest.send(rest.request("/health"));
      assertThat(new String(health.body(), StandardCharsets.UTF_8)).isEqualTo("OK");
      String experiment =
          rest.post("experiments/create", "{\"name\": \"smoke\"}").get("experiment_id").asText();
      JsonNode run =
          rest.post(
                  "runs/create",
                  "{\"experiment_id\": \"%s\", \"run_name\": \"first\", \"start_time\": 1}"
                      .formatted(experiment))
              .get("run");
      String runId = run.at("/info/run_id").asText();
      rest.post(
          "runs/log-batch",
          """
          {"run_id": "%s",
           "metrics": [{"key": "loss", "value": 0.5, "timestamp": 1, "step": 0},
                       {"key": "loss", "value": 0.25, "timestamp": 2, "step": 1}],
           "params": [{"key": "rate", "value": "0.1"}],
           "tags": [{"key": "team", "value": "blue"}]}
          """
              .formatted(runId));
      Smoke smoke = new Smoke(experiment, runId);
      HttpResponse<byte[]> put =
          rest.send(rest.request(smoke.filePath()).PUT(BodyPublishers.ofByteArray(FILE)));
      assertThat(put.statusCode()).isEqualTo(200);
      return smoke;
    }
  }

  /** Finds all of it. */
  void read(String url) throws Exception {
    try (Rest rest = new Rest(url)) {
      JsonNode found =
          rest.post(
              "runs/search",
              """
              {"experiment_ids": ["%s"],
               "filter": "metrics.loss < 0.3 AND params.rate = '0.1' AND tags.team = 'blue'"}
              """
                  .formatted(experimentId));
      assertThat(found.at("/runs/0/info/run_id").asText()).isEqualTo(runId);
      assertThat(found.at("/runs/0/info/run_name").asText()).isEqualTo("first");
      JsonNode history = rest.get("metrics/get-history?metric_key=loss&run_id=" + runId);
      assertThat(history.get("metrics")).hasSize(2);
      JsonNode files = rest.get("artifacts/list?run_id=" + runId);
      assertThat(files.at("/files/0/path").asText()).isEqualTo("notes.txt");
      HttpResponse<byte[]> file = rest.send(rest.request(filePath()));
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.body()).isEqualTo(FILE);
    }
  }

  private String filePath() {
    return "/api/2.0/mlflow-artifacts/artifacts/%s/%s/artifacts/notes.txt"
        .formatted(experimentId, runId);
  }
}
