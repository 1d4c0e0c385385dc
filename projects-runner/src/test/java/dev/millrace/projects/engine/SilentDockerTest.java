package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Docker daemon that takes connections and requests, and never says a word. */
@Timeout(60)
final class SilentDockerTest {

  private static final Duration LIMIT = Duration.ofMillis(200);

  @TempDir Path folder = Path.of("");

  private DockerGate daemon;
  private DockerEngine engine;

  @BeforeEach
  void open() throws IOException {
    daemon = DockerGate.beforeNothing(folder.resolve("socket"));
    engine = DockerEngine.open(settings(Duration.ofSeconds(1), LIMIT));
    assertThat(new OnceFile(folder.resolve("attempts/begun/decision")).create("start")).isTrue();
  }

  private DockerSettings settings(Duration pullLimit, Duration answerLimit) {
    return new DockerSettings(
        daemon.host(),
        DockerSettings.Pull.MISSING,
        pullLimit,
        answerLimit,
        "none",
        "",
        64,
        1 << 20,
        "",
        Duration.ofSeconds(1),
        1000,
        folder.resolve("attempts"));
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
    daemon.close();
  }

  private static Duration time(ThrowingCallable call) {
    long start = System.nanoTime();
    assertThatThrownBy(call)
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("it has said nothing for ");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void noQuestionIsWaitedForForEver() {
    for (ThrowingCallable question :
        List.<ThrowingCallable>of(
            () -> engine.site(),
            () -> engine.status("begun"),
            () -> engine.bar("begun"),
            () -> engine.end("begun"),
            () -> engine.forget("begun"),
            () -> engine.names(),
            () -> engine.age("other"),
            () -> engine.provide("begun", "image"))) {
      assertThat(time(question)).isBetween(LIMIT, Duration.ofSeconds(5));
    }
  }

  @Test
  void workMayTakeTenTimesAsLong() throws Exception {
    Launch launch =
        new Launch(
            "other",
            List.of("true"),
            folder,
            Map.of(),
            "image",
            List.of(),
            null,
            Resources.ANY,
            null);
    assertThat(time(() -> engine.start(launch)))
        .isBetween(LIMIT.multipliedBy(10), Duration.ofSeconds(10));
    // Nothing was decided: whoever takes it up may still give it up.
    assertThat(new OnceFile(folder.resolve("attempts/other/decision")).read()).isNull();
  }

  @Test
  void manyWaitTogether() throws Exception {
    ConcurrentLinkedQueue<Duration> times = new ConcurrentLinkedQueue<>();
    List<Thread> threads =
        IntStream.range(0, 50)
            .mapToObj(
                i -> Thread.startVirtualThread(() -> times.add(time(() -> engine.status("begun")))))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(times).hasSize(50).allMatch(each -> each.compareTo(LIMIT.multipliedBy(20)) < 0);
  }

  @Test
  void nothingIsLeftOfWhatWasGivenUp() throws Exception {
    for (int i = 0; i < 3; i++) {
      var _ = time(() -> engine.names());
    }
    awaitNoConnection();
  }

  @Test
  void whoNeedsAnImageCanBeInterrupted() throws Exception {
    AtomicReference<Exception> end = new AtomicReference<>();
    DockerEngine patient =
        DockerEngine.open(settings(Duration.ofMinutes(5), Duration.ofMinutes(5)));
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              try {
                patient.provide("begun", "image");
              } catch (Exception e) {
                end.set(e);
              }
            });
    while (daemon.connections() == 0) {
      Thread.sleep(10);
    }
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
    awaitNoConnection();
    patient.close();
  }

  @Test
  void whatIsFollowedIsWaitedForUntilNobodyFollowsIt() throws Exception {
    try (ZerodepDockerHttpClient streams =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(
                DefaultDockerClientConfig.createDefaultConfigBuilder()
                    .withDockerHost(daemon.host())
                    .build()
                    .getDockerHost())
            .build()) {
      DockerAnswer answer = new DockerAnswer();
      answer.begin(streams, "x", null, piece -> {});
      assertThat(answer.awaitEnd(LIMIT.multipliedBy(5))).isFalse();
      answer.close();
      assertThat(answer.awaitEnd(Duration.ofSeconds(10))).isTrue();
      awaitNoConnection();
    }
  }

  private void awaitNoConnection() throws InterruptedException {
    while (daemon.connections() > 0) {
      Thread.sleep(10);
    }
  }
}
