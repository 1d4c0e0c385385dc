package dev.millrace.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The run from which the JVM learns what a start needs: starts the platform, sends it some of what
 * clients send, and ends. The launcher has the JVM keep what it loaded in a cache.
 */
final class Training {

  private static final String API = "/api/2.0/mlflow/";

  /** The JVM notes which methods are called often, too: so many times is often. */
  private static final int TIMES = 100;

  /** The whole run takes some seconds. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final Pattern EXPERIMENT = Pattern.compile("\"experiment_id\":\"(\\d+)\"");
  private static final Pattern RUN = Pattern.compile("\"run_id\":\"(\\w+)\"");

  private final HttpClient client;
  private final String url;

  private Training(HttpClient client, String url) {
    this.client = client;
    this.url = url;
  }

  /**
   * Runs, and returns when the platform has stopped.
   *
   * @param arguments the data folder, which should be empty
   * @throws IllegalStateException if a request is not answered with 200
   */
  public static void main(String[] arguments) throws Exception {
    Thread watchdog = endIfStuck();
    List<String> options = List.of("--port", "0", "--data", arguments[0], "--ui", "none");
    try (Standalone standalone = Standalone.start(Options.parse(options, Map.of()));
        HttpClient client = HttpClient.newHttpClient()) {
      new Training(client, standalone.url()).run();
    } finally {
      watchdog.interrupt();
    }
  }

  private static Thread endIfStuck() {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                Thread.sleep(LIMIT);
                // Without the cache, which is not worth waiting for.
                Runtime.getRuntime().halt(1);
              } catch (InterruptedException e) {
                // The training has ended.
                return;
              }
            });
  }

  private void run() throws IOException, InterruptedException {
    get("/");
    get("/health");
    String experiment = found(EXPERIMENT, post("experiments/create", "{\"name\": \"training\"}"));
    for (int i = 0; i < TIMES; i++) {
      String run =
          found(
              RUN,
              post(
                  "runs/create",
                  "{\"experiment_id\": \"%s\", \"start_time\": %d}".formatted(experiment, i)));
      post(
          "runs/log-batch",
          """
          {"run_id": "%s", "metrics": [{"key": "loss", "value": 0.5, "timestamp": 1, "step": 1}],
           "params": [{"key": "rate", "value": "0.1"}], "tags": [{"key": "team", "value": "blue"}]}
          """
              .formatted(run));
      post(
          "runs/log-metric",
          "{\"run_id\": \"%s\", \"key\": \"loss\", \"value\": 0.25, \"timestamp\": 2, \"step\": 2}"
              .formatted(run));
      post("runs/update", "{\"run_id\": \"%s\", \"status\": \"FINISHED\"}".formatted(run));
      get(API + "runs/get?run_id=" + run);
      get(API + "metrics/get-history?metric_key=loss&run_id=" + run);
      post(
          "runs/search",
          """
          {"experiment_ids": ["%s"], "max_results": 10, "order_by": ["metrics.loss DESC"],
           "filter": "metrics.loss < 0.3 AND params.rate = '0.1'"}
          """
              .formatted(experiment));
    }
    get(API + "experiments/get?experiment_id=" + experiment);
    post("experiments/search", "{\"max_results\": 10}");
    post("registered-models/create", "{\"name\": \"training\"}");
    get(API + "registered-models/search?max_results=10");
    postTo(
        "/graphql",
        """
        {"query": "{mlflowGetExperiment(input: {experimentId: \\"0\\"}) {experiment {name}}}"}
        """);
  }

  private static String found(Pattern pattern, String answer) {
    Matcher matcher = pattern.matcher(answer);
    if (!matcher.find()) {
      throw new IllegalStateException("Not in the answer: " + pattern + ": " + answer);
    }
    return matcher.group(1);
  }

  private String post(String path, String json) throws IOException, InterruptedException {
    return postTo(API + path, json);
  }

  private String postTo(String path, String json) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  private void get(String path) throws IOException, InterruptedException {
    send(HttpRequest.newBuilder(URI.create(url + path)).build());
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "%s was answered with %d: %s"
              .formatted(request.uri(), response.statusCode(), response.body()));
    }
    return response.body();
  }
}
