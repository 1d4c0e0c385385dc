package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What all engines do that keep what they know in a folder: commands are real here. */
@Timeout(60)
abstract class EngineContract {

  static final Duration GRACE = Duration.ofMillis(500);

  /** Where commands run, or a copy of it. */
  Path folder;

  Engine engine;

  /** An engine as another process would have it. */
  abstract Engine engine(long logMaxBytes) throws IOException;

  abstract Launch launch(String name, List<String> command, Map<String, String> environment);

  /** Whether nothing is left of what ran. */
  abstract boolean isGone(String name) throws IOException;

  /** Variables of its own that a command has, as a regular expression. */
  abstract String ownVariables();

  @BeforeEach
  final void open(@TempDir Path temporary) throws IOException {
    folder = temporary;
    engine = engine(1 << 20);
  }

  @AfterEach
  final void leaveNothingRunning() throws Exception {
    for (String name : engine.names()) {
      engine.end(name);
      engine.forget(name);
    }
    release();
  }

  /** Gives back what engines hold. */
  void release() throws IOException {}

  @Test
  final void whatACommandPrintsAndExitsWithIsKept() throws Exception {
    start("a", "echo out; echo err >&2; exit 7");
    assertThat(ended("a").exitCode()).isEqualTo(7);
    assertThat(engine.log("a", 0, 1000)).isEqualTo(new LogChunk("out\nerr\n", 8));
    assertThat(engine.log("a", 4, 1000)).isEqualTo(new LogChunk("err\n", 8));
    assertThat(engine.log("a", 100, 1000)).isEqualTo(new LogChunk("", 8));
  }

  @Test
  final void argumentsReachTheProgramAsTheyAre() throws Exception {
    String hostile = "$(touch pwned) `touch pwned` ; touch pwned \" ' \n *";
    engine.start(launch("a", List.of("printf", "%s\n", hostile), Map.of()));
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 1000).text()).isEqualTo(hostile + "\n");
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  final void nothingOfThisProcessesEnvironmentIsInherited() throws Exception {
    assertThat(System.getenv()).containsKey("HOME");
    engine.start(launch("a", List.of("env"), Map.of("GIVEN", "1 2")));
    ended("a");
    assertThat(engine.log("a", 0, 10_000).text().lines())
        .allMatch(line -> line.matches("(GIVEN|PATH|PWD|OLDPWD|SHLVL|_" + ownVariables() + ")=.*"))
        .contains("GIVEN=1 2");
  }

  @Test
  final void anotherProcessFindsItAgain() throws Exception {
    start("a", "echo begun; sleep 1; exit 3");
    Engine other = engine(1 << 20);
    assertThat(other.site()).isEqualTo(engine.site());
    assertThat(other.status("a")).isEqualTo(new Status.Running());
    assertThat(other.bar("a")).isEqualTo(new Status.Running());
    assertThat(ended("a").exitCode()).isEqualTo(3);
    assertThat(other.bar("a")).isEqualTo(new Status.Ended(3));
    other.end("a");
    assertThat(other.bar("a")).isEqualTo(new Status.Ended(3));
    assertThat(engine.status("a")).isEqualTo(new Status.Ended(3));
  }

  @Test
  final void aNameIsStartedOnce() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  start("a", "echo x; sleep 0.3");
                } catch (Exception e) {
                  failures.incrementAndGet();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    ended("a");
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("x\n");
    assertThat(failures).hasValue(0);
  }

  @Test
  final void aBarredNameIsNeverStarted() throws Exception {
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
    try {
      start("a", "echo started");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("given up");
    }
    TimeUnit.MILLISECONDS.sleep(300);
    assertThat(engine.status("a")).isEqualTo(new Status.NotStarted());
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
    assertThat(engine.log("a", 0, 100).text()).isEmpty();
  }

  @Test
  final void aCommandIsToldToEnd() throws Exception {
    start("a", "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.02; done");
    awaitLog("a", "ready");
    engine.end("a");
    assertThat(ended("a").exitCode()).isEqualTo(9);
    assertThat(engine.log("a", 0, 1000).text()).startsWith("ready\n").contains("told\n");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  final void whatIsToldToEndHasTheTimeItMayTake() throws Exception {
    // The shell ends at once, what it has started does not.
    start(
        "a", "(trap 'sleep 0.2; echo done; exit' TERM; echo ready; while :; do sleep 0.02; done)");
    awaitLog("a", "ready");
    engine.end("a");
    assertThat(engine.log("a", 0, 1000).text()).contains("done\n");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  final void aCommandThatDoesNotListenIsKilled() throws Exception {
    start("a", "trap '' TERM; (trap '' TERM; sleep 60) & echo ready; while :; do sleep 0.02; done");
    awaitLog("a", "ready");
    long before = System.nanoTime();
    engine.end("a");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(GRACE);
    assertThat(isGone("a")).isTrue();
    assertThat(engine.status("a")).isInstanceOf(Status.Ended.class);
    // Nobody, or docker, tells how: never as if it had succeeded.
    assertThat(ended("a").exitCode()).isIn(null, 137);
  }

  @Test
  final void whatACommandLeavesBehindIsEnded() throws Exception {
    start("a", "sleep 60 & exit 4");
    assertThat(ended("a").exitCode()).isEqualTo(4);
    engine.end("a");
    assertThat(isGone("a")).isTrue();
    assertThat(ended("a").exitCode()).isEqualTo(4);
  }

  @Test
  final void aLogIsCutWhereItIsFullAndTheCommandGoesOn() throws Exception {
    engine = engine(100_000);
    start("a", "i=0; while [ $i -lt 200000 ]; do echo 0123456789; i=$((i+1)); done; exit 5");
    assertThat(ended("a").exitCode()).isEqualTo(5);
    engine.end("a");
    long size = Files.size(folder.resolve("attempts/a/log"));
    assertThat(size).isBetween(99_000L, 101_000L);
    assertThat(engine.log("a", size - 60, 100).text())
        .endsWith("[millrace: the log is full, what follows is not kept]\n");
  }

  @Test
  @Timeout(180)
  final void aMillionLinesAreKept() throws Exception {
    engine = engine(64 << 20);
    start("a", "seq 1000000");
    assertThat(ended("a").exitCode()).isZero();
    engine.end("a");
    long size = Files.size(folder.resolve("attempts/a/log"));
    assertThat(size).isEqualTo(6_888_896);
    assertThat(engine.log("a", size - 8, 100).text()).isEqualTo("1000000\n");
  }

  @Test
  final void piecesOfALogNeverCutACharacter() throws Exception {
    start("a", "printf 'aé€😀b\\377c\\n'");
    ended("a");
    engine.end("a");
    StringBuilder text = new StringBuilder();
    long offset = 0;
    for (int i = 0; i < 20; i++) {
      LogChunk chunk = engine.log("a", offset, 4);
      text.append(chunk.text());
      offset = chunk.nextOffset();
    }
    assertThat(text.toString()).isEqualTo("aé€😀b\ufffdc\n");
    assertThat(offset).isEqualTo(14);
  }

  @Test
  final void anAttemptIsForgotten() throws Exception {
    start("a", "echo x");
    ended("a");
    engine.end("a");
    engine.note("a", "[noted]");
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("x\n[noted]\n");
    assertThat(engine.names()).contains("a");
    engine.forget("a");
    assertThat(engine.names()).isEmpty();
    assertThat(engine.log("a", 0, 100)).isEqualTo(new LogChunk("", 0));
  }

  final void start(String name, String script) throws IOException, InterruptedException {
    engine.start(launch(name, List.of("sh", "-c", script), Map.of()));
  }

  final Status.Ended ended(String name) throws Exception {
    while (!(engine.status(name) instanceof Status.Ended)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return (Status.Ended) engine.status(name);
  }

  final void awaitLog(String name, String text) throws Exception {
    while (!engine.log(name, 0, 1000).text().contains(text)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
