package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, started, lost from sight and found again. */
@Timeout(60)
final class LocalEngineTest {

  private static final Duration GRACE = Duration.ofMillis(500);

  private Path folder;
  private LocalEngine engine;

  @BeforeEach
  void open(@TempDir Path temporary) {
    folder = temporary;
    engine = engine(1 << 20);
  }

  @AfterEach
  void leaveNothingRunning() throws Exception {
    for (String name : engine.names()) {
      engine.end(name);
    }
  }

  private LocalEngine engine(long logMaxBytes) {
    return new LocalEngine(folder.resolve("attempts"), "", logMaxBytes, GRACE);
  }

  @Test
  void whatACommandPrintsAndExitsWithIsKept() throws Exception {
    start("a", "echo out; echo err >&2; exit 7");
    assertThat(ended("a").exitCode()).isEqualTo(7);
    assertThat(engine.log("a", 0, 1000)).isEqualTo(new LogChunk("out\nerr\n", 8));
    assertThat(engine.log("a", 4, 1000)).isEqualTo(new LogChunk("err\n", 8));
    assertThat(engine.log("a", 100, 1000)).isEqualTo(new LogChunk("", 8));
  }

  @Test
  void argumentsReachTheProgramAsTheyAre() throws Exception {
    String hostile = "$(touch pwned) `touch pwned` ; touch pwned \" ' \n *";
    engine.start(
        new Launch(
            "a",
            List.of("printf", "%s", hostile),
            folder,
            Map.of("PATH", path()),
            null,
            null,
            Resources.ANY,
            null));
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 1000).text()).isEqualTo(hostile);
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  void nothingOfThisProcessesEnvironmentIsInherited() throws Exception {
    assertThat(System.getenv()).containsKey("HOME");
    start("a", "env", Map.of("GIVEN", "1"));
    ended("a");
    assertThat(engine.log("a", 0, 10_000).text().lines())
        .allMatch(line -> line.matches("(GIVEN|PATH|PWD|OLDPWD|SHLVL|_)=.*"))
        .contains("GIVEN=1");
  }

  @Test
  void anotherProcessFindsItAgain() throws Exception {
    start("a", "echo begun; while [ ! -e go-on ]; do sleep 0.02; done; exit 3");
    LocalEngine other = engine(1 << 20);
    assertThat(other.site()).isEqualTo(engine.site());
    assertThat(other.status("a")).isEqualTo(new Status.Running());
    assertThat(other.bar("a")).isEqualTo(new Status.Running());
    Files.createFile(folder.resolve("go-on"));
    assertThat(ended("a").exitCode()).isEqualTo(3);
    assertThat(other.bar("a")).isEqualTo(new Status.Ended(3));
  }

  @Test
  void aNameIsStartedOnce() throws Exception {
    String script = "echo x >>" + folder.resolve("started") + "; sleep 0.3";
    AtomicInteger failures = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  start("a", script);
                } catch (Exception e) {
                  failures.incrementAndGet();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    ended("a");
    assertThat(folder.resolve("started")).hasContent("x\n");
    assertThat(failures).hasValue(0);
  }

  @Test
  void aBarredNameIsNeverStarted() throws Exception {
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
    start("a", "touch started");
    TimeUnit.MILLISECONDS.sleep(300);
    assertThat(engine.status("a")).isEqualTo(new Status.NotStarted());
    assertThat(folder.resolve("started")).doesNotExist();
  }

  @Test
  void aCommandIsToldToEnd() throws Exception {
    start("a", "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.02; done");
    awaitLog("a", "ready");
    engine.end("a");
    assertThat(ended("a").exitCode()).isEqualTo(9);
    assertThat(engine.log("a", 0, 1000).text()).startsWith("ready\n").endsWith("told\n");
    assertThat(groupOf("a").isAlive()).isFalse();
  }

  @Test
  void aCommandThatDoesNotListenIsKilled() throws Exception {
    start("a", "trap '' TERM; (trap '' TERM; sleep 60) & echo ready; while :; do sleep 0.02; done");
    awaitLog("a", "ready");
    long before = System.nanoTime();
    engine.end("a");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(GRACE);
    assertThat(groupOf("a").isAlive()).isFalse();
    assertThat(engine.status("a")).isEqualTo(new Status.Ended(null));
  }

  @Test
  void whatACommandLeavesBehindIsEnded() throws Exception {
    start("a", "sleep 60 & exit 4");
    assertThat(ended("a").exitCode()).isEqualTo(4);
    assertThat(groupOf("a").isAlive()).isTrue();
    engine.end("a");
    assertThat(groupOf("a").isAlive()).isFalse();
    assertThat(ended("a").exitCode()).isEqualTo(4);
  }

  @Test
  void oneWhoseProcessesWereKilledHasNoExitCode() throws Exception {
    start("a", "echo ready; sleep 60");
    awaitLog("a", "ready");
    groupOf("a").signal("KILL");
    assertThat(ended("a").exitCode()).isNull();
  }

  @Test
  void aNumberThatIsUsedAgainIsAnotherProcess() throws Exception {
    start("a", "sleep 60");
    ProcessGroup group = groupOf("a");
    assertThat(group.isAlive()).isTrue();
    ProcessGroup earlier = new ProcessGroup(group.id(), group.startTicks() - 1);
    assertThat(earlier.isLed()).isFalse();
    assertThat(earlier.isAlive()).isFalse();
  }

  @Test
  void aLogIsCutWhereItIsFullAndTheCommandGoesOn() throws Exception {
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
  void aMillionLinesAreKept() throws Exception {
    engine = engine(64 << 20);
    start("a", "seq 1000000");
    assertThat(ended("a").exitCode()).isZero();
    engine.end("a");
    long size = Files.size(folder.resolve("attempts/a/log"));
    assertThat(size).isEqualTo(6_888_896);
    assertThat(engine.log("a", size - 8, 100).text()).isEqualTo("1000000\n");
  }

  @Test
  void piecesOfALogNeverCutACharacter() throws Exception {
    start("a", "printf 'aé€😀b\\377c'");
    ended("a");
    engine.end("a");
    StringBuilder text = new StringBuilder();
    long offset = 0;
    for (int i = 0; i < 20; i++) {
      LogChunk chunk = engine.log("a", offset, 4);
      text.append(chunk.text());
      offset = chunk.nextOffset();
    }
    assertThat(text.toString()).isEqualTo("aé€😀b\ufffdc");
    assertThat(offset).isEqualTo(13);
  }

  @Test
  void aFolderThatIsMissingIsAnErrorAndStartsNothing() throws Exception {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                engine.start(
                    new Launch(
                        "a",
                        List.of("true"),
                        folder.resolve("missing"),
                        Map.of(),
                        null,
                        null,
                        Resources.ANY,
                        null)))
        .isInstanceOf(IOException.class);
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
  }

  @Test
  void anAttemptIsForgotten() throws Exception {
    start("a", "echo x");
    ended("a");
    engine.end("a");
    assertThat(engine.names()).contains("a");
    engine.forget("a");
    assertThat(engine.names()).isEmpty();
    assertThat(engine.log("a", 0, 100)).isEqualTo(new LogChunk("", 0));
  }

  private void start(String name, String script) throws Exception {
    start(name, script, Map.of());
  }

  private void start(String name, String script, Map<String, String> environment) throws Exception {
    Map<String, String> all = new java.util.HashMap<>(environment);
    all.put("PATH", path());
    engine.start(
        new Launch(
            name, List.of("sh", "-c", script), folder, all, null, null, Resources.ANY, null));
  }

  private Status.Ended ended(String name) throws Exception {
    while (!(engine.status(name) instanceof Status.Ended)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return (Status.Ended) engine.status(name);
  }

  private void awaitLog(String name, String text) throws Exception {
    while (!engine.log(name, 0, 1000).text().contains(text)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private ProcessGroup groupOf(String name) throws IOException {
    return ProcessGroup.parse(Files.readString(folder.resolve("attempts/" + name + "/pid")));
  }

  private static String path() {
    return Objects.requireNonNull(System.getenv("PATH"));
  }
}
