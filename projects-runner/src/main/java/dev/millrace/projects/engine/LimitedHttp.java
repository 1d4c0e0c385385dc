package dev.millrace.projects.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests to a Docker daemon whose answers are whole within a time, or not at all: docker-java's
 * Unix sockets know no limit, and a daemon may take a request and never answer. Nothing that is
 * followed goes by this.
 */
final class LimitedHttp implements DockerHttpClient {

  private final DockerHttpClient client;
  private final Duration forQuestions;
  private final Duration forWork;

  /**
   * @param forQuestions how long the answer to a GET may take
   * @param forWork how long that to any other request may take, from when the last of what is sent
   *     was taken
   */
  LimitedHttp(DockerHttpClient client, Duration forQuestions, Duration forWork) {
    this.client = client;
    this.forQuestions = forQuestions;
    this.forWork = forWork;
  }

  /** An answer that has come. */
  private record Whole(int status, Map<String, List<String>> headers, InputStream body)
      implements Response {

    @Override
    public int getStatusCode() {
      return status;
    }

    @Override
    public Map<String, List<String>> getHeaders() {
      return headers;
    }

    @Override
    public InputStream getBody() {
      return body;
    }

    @Override
    public void close() {}
  }

  /**
   * Sends a request.
   *
   * @throws IllegalStateException if the time is up, or the thread is interrupted, as it still is
   *     then; whether the daemon does what it was asked for is not known
   */
  @Override
  public Response execute(Request request) {
    Duration limit = Request.Method.GET.name().equals(request.method()) ? forQuestions : forWork;
    AtomicLong heard = new AtomicLong(System.nanoTime());
    FutureTask<Response> answer = new FutureTask<>(() -> whole(watched(request, heard)));
    Thread _ = Thread.ofVirtual().name("docker-request").start(answer);
    try {
      while (true) {
        long left = limit.toNanos() - (System.nanoTime() - heard.get());
        if (left <= 0) {
          throw new IllegalStateException(
              "it has said nothing for %s s".formatted(limit.toMillis() / 1000.0));
        }
        try {
          return answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // Perhaps it has taken more meanwhile.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } finally {
      // The interrupt closes the connection.
      boolean _ = answer.cancel(true);
    }
  }

  /** The same, telling when something of a body is sent, which may be large. */
  private static Request watched(Request request, AtomicLong heard) {
    InputStream body = request.body();
    if (body == null || request.bodyBytes() != null) {
      return request;
    }
    return Request.builder()
        .method(request.method())
        .path(request.path())
        .putAllHeaders(request.headers())
        .body(
            new FilterInputStream(body) {
              @Override
              public int read() throws IOException {
                heard.set(System.nanoTime());
                return super.read();
              }

              @Override
              public int read(byte[] buffer, int start, int length) throws IOException {
                heard.set(System.nanoTime());
                return super.read(buffer, start, length);
              }
            })
        .build();
  }

  private Response whole(Request request) throws IOException {
    try (Response response = client.execute(request)) {
      return new Whole(
          response.getStatusCode(),
          response.getHeaders(),
          new ByteArrayInputStream(response.getBody().readAllBytes()));
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
