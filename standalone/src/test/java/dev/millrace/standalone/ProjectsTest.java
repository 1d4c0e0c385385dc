package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project by the front door: handed in, run, watched, and found again when the server was killed.
 */
@Timeout(120)
final class ProjectsTest {

  private static final String PROJECTS = "/api/2.0/millrace/projects/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PROJECT =
      """
      name: example
      entry_points:
        main:
          parameters:
            greeting: {type: string, default: hello}
            wait: string
          command: "echo {greeting}; while [ ! -e {wait} ]; do sleep 0.1; done; env"
        wrong:
          command: "echo {missing}"
      """;

  @Test
  void aProjectRunsAndIsFoundAgain(@TempDir Path folder) throws Exception {
    Path go = folder.resolve("go on");
    byte[] project = zip(PROJECT);
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(project));
    String job;
    String run;
    try (MillraceProcess first = MillraceProcess.start(folder, "--projects", "local");
        Rest rest = new Rest(first.address())) {
      String snapshot = PROJECTS + "snapshots/" + sha256;
      assertThat(rest.send(rest.request(snapshot).HEAD()).statusCode()).isEqualTo(404);
      assertThat(
              rest.send(rest.request(snapshot).PUT(BodyPublishers.ofByteArray(project)))
                  .statusCode())
          .isEqualTo(200);
      assertThat(rest.send(rest.request(snapshot).HEAD()).statusCode()).isEqualTo(200);
      JsonNode validated = call(rest, "validate", request(sha256, "main", go));
      assertThat(validated.at("/command").asText())
          .startsWith("echo 'hello; $(exit)'; while [ ! -e '" + go + "' ]");
      HttpResponse<byte[]> refused = post(rest, "jobs", request(sha256, "wrong", go));
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(rest.post("runs/search", "{\"experiment_ids\": [\"0\"]}").has("runs")).isFalse();
      JsonNode made = call(rest, "jobs", request(sha256, "main", go)).get("job");
      job = made.get("job_id").asText();
      run = made.get("run_id").asText();
      await(rest, job, "RUNNING");
      first.kill();
    }
    try (MillraceProcess second = MillraceProcess.start(folder, "--projects", "local");
        Rest rest = new Rest(second.address())) {
      Files.createFile(go);
      JsonNode ended = await(rest, job, "FINISHED");
      assertThat(ended.get("exit_code").asInt()).isZero();
      assertThat(ended.get("attempts").asInt()).isEqualTo(1);
      JsonNode info = rest.get("runs/get?run_id=" + run).get("run");
      assertThat(info.at("/info/status").asText()).isEqualTo("FINISHED");
      assertThat(info.at("/data/params").toString())
          .contains("'hello; $(exit)'")
          .contains("'" + go + "'");
      List<String> log = log(rest, job).lines().toList();
      assertThat(log)
          .contains("hello; $(exit)", "MLFLOW_RUN_ID=" + run, "MLFLOW_EXPERIMENT_ID=0")
          .anyMatch(line -> line.matches("MLFLOW_TRACKING_URI=http://127.0.0.1:\\d+"))
          .noneMatch(line -> line.startsWith("MILLRACE"));
    }
  }

  @Test
  void withoutTheOptionNothingIsRun(@TempDir Path folder) throws Exception {
    try (MillraceProcess server = MillraceProcess.start(folder);
        Rest rest = new Rest(server.address())) {
      HttpResponse<byte[]> refused = post(rest, "jobs", request("a".repeat(64), "main", folder));
      assertThat(refused.statusCode()).isEqualTo(501);
      assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("--projects local");
    }
  }

  private static String request(String sha256, String entryPoint, Path go) {
    return """
    {"source": {"snapshot": {"sha256": "%s", "source_name": "example"}},
     "entry_point": "%s", "env_manager": "local",
     "parameters": [{"key": "greeting", "value": "hello; $(exit)"},
                    {"key": "wait", "value": "%s"}]}
    """
        .formatted(sha256, entryPoint, go);
  }

  private static JsonNode await(Rest rest, String job, String state) throws Exception {
    while (true) {
      JsonNode now = JSON.readTree(rest.send(rest.request(PROJECTS + "jobs/" + job)).body());
      assertThat(now.has("job")).as(now.toString()).isTrue();
      if (now.at("/job/state").asText().equals(state)) {
        return now.get("job");
      }
      assertThat(now.at("/job/state").asText()).as(now.toString()).isNotEqualTo("FAILED");
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static String log(Rest rest, String job) throws Exception {
    StringBuilder text = new StringBuilder();
    long offset = 0;
    while (true) {
      JsonNode piece =
          JSON.readTree(
              rest.send(
                      rest.request(
                          PROJECTS
                              + "jobs/%s/logs?offset=%d&wait_seconds=5".formatted(job, offset)))
                  .body());
      text.append(piece.get("text").asText());
      if (piece.get("end").asBoolean()) {
        return text.toString();
      }
      offset = piece.get("next_offset").asLong();
    }
  }

  private static JsonNode call(Rest rest, String path, String json) throws Exception {
    HttpResponse<byte[]> response = post(rest, path, json);
    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<byte[]> post(Rest rest, String path, String json) throws Exception {
    return rest.send(
        rest.request(PROJECTS + path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  private static byte[] zip(String project) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("MLproject"));
      zip.write(project.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }
}
