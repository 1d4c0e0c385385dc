package dev.millrace.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** MLflow's REST interface, as plain as it goes: JSON text in, JSON tree out. */
final class Rest implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;

  Rest(String url) {
    this.url = url;
  }

  /** Posts to a path below {@code /api/2.0/mlflow/}; anything but 200 is an exception. */
  JsonNode post(String path, String json) throws IOException, InterruptedException {
    return expectOk(
        request("/api/2.0/mlflow/" + path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** Gets a path below {@code /api/2.0/mlflow/}; anything but 200 is an exception. */
  JsonNode get(String path) throws IOException, InterruptedException {
    return expectOk(request("/api/2.0/mlflow/" + path).GET());
  }

  /** Any request, any answer. */
  HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofByteArray());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path));
  }

  private JsonNode expectOk(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = send(request);
    JsonNode body = JSON.readTree(response.body());
    if (response.statusCode() != 200) {
      throw new IOException(response.uri() + " " + response.statusCode() + " " + body);
    }
    return body;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
