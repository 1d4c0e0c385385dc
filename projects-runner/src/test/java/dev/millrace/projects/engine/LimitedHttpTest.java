package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LimitedHttpTest {

  private static final Duration LIMIT = Duration.ofMillis(400);

  private static DockerHttpClient.Request put(int bytes) {
    return DockerHttpClient.Request.builder()
        .method(DockerHttpClient.Request.Method.PUT)
        .path("/containers/x/archive")
        .putHeader("content-type", "application/x-tar")
        .body(new ByteArrayInputStream(new byte[bytes]))
        .build();
  }

  /** A daemon that takes a byte each so many milliseconds, and of some only the first few. */
  private static DockerHttpClient daemon(long pause, int most) {
    return new DockerHttpClient() {
      @Override
      public Response execute(Request request) {
        assertThat(request.headers()).containsEntry("content-type", "application/x-tar");
        int count = 0;
        try (InputStream body = request.body()) {
          while (count < most && body != null && body.read() >= 0) {
            count++;
            Thread.sleep(pause);
          }
          if (count == most) {
            Thread.sleep(Duration.ofDays(1));
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return new Answer(count);
      }

      @Override
      public void close() {}
    };
  }

  private record Answer(int count) implements DockerHttpClient.Response {
    @Override
    public int getStatusCode() {
      return 200;
    }

    @Override
    public Map<String, List<String>> getHeaders() {
      return Map.of();
    }

    @Override
    public InputStream getBody() {
      return new ByteArrayInputStream(new byte[] {(byte) count});
    }

    @Override
    public void close() {}
  }

  @Test
  void whatIsTakenSlowlyMayTakeLong() throws Exception {
    long start = System.nanoTime();
    try (LimitedHttp http = new LimitedHttp(daemon(100, 100), Duration.ofMillis(1), LIMIT);
        DockerHttpClient.Response answer = http.execute(put(12))) {
      assertThat(answer.getBody().readAllBytes()).containsExactly(12);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(LIMIT.multipliedBy(2));
  }

  @Test
  void whatIsNotTakenAnyMoreIsGivenUp() throws Exception {
    try (LimitedHttp http = new LimitedHttp(daemon(10, 5), Duration.ofMillis(1), LIMIT)) {
      assertThatThrownBy(() -> http.execute(put(12)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("it has said nothing for 0.4 s");
    }
  }
}
