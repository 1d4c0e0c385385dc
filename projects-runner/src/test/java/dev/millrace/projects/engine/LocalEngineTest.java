package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Real processes, started, lost from sight and found again. */
final class LocalEngineTest extends EngineContract {

  @Override
  Engine engine(long logMaxBytes) {
    return new LocalEngine(folder.resolve("attempts"), "", logMaxBytes, GRACE);
  }

  @Override
  Launch launch(String name, List<String> command, Map<String, String> environment) {
    return launch(name, command, environment, folder);
  }

  private static Launch launch(
      String name, List<String> command, Map<String, String> environment, Path where) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("PATH", Objects.requireNonNull(System.getenv("PATH")));
    return new Launch(name, command, where, all, null, List.of(), null, Resources.ANY, null);
  }

  @Override
  boolean isGone(String name) throws IOException {
    return !groupOf(name).isAlive();
  }

  @Override
  String ownVariables() {
    return "";
  }

  @Test
  void eachProcessIsHeldToItsMemoryAndTheLogSaysWhatIsNot() throws Exception {
    // A shell that keeps 30 MB in a variable.
    String script = "x=$(head -c 30000000 /dev/zero | tr '\\0' x); echo ${#x} $OMP_NUM_THREADS";
    startWithin("a", script, new Resources(1.5, 200L << 20, null));
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 1000).text())
        .isEqualTo(
            "[millrace: memory_bytes is the limit of each process by itself; cpus is how many"
                + " threads libraries are told to use, and no limit]\n30000000 2\n");
    startWithin("b", script, new Resources(null, 20L << 20, 1));
    assertThat(ended("b").exitCode()).isNotZero();
    assertThat(engine.log("b", 0, 1000).text())
        .startsWith(
            "[millrace: memory_bytes is the limit of each process by itself; gpus is no limit]\n")
        .doesNotContain("30000000");
  }

  private void startWithin(String name, String script, Resources resources) throws Exception {
    Launch launch = launch(name, List.of("sh", "-c", script), Map.of());
    engine.start(
        new Launch(
            name,
            launch.command(),
            launch.folder(),
            launch.environment(),
            null,
            List.of(),
            null,
            resources,
            null));
  }

  @Test
  void whatACommandLeavesBehindLivesUntilItIsEnded() throws Exception {
    start("a", "sleep 60 & exit 4");
    assertThat(ended("a").exitCode()).isEqualTo(4);
    assertThat(groupOf("a").isAlive()).isTrue();
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
  void aFolderThatIsMissingIsAnErrorAndStartsNothing() throws Exception {
    Launch launch = launch("a", List.of("true"), Map.of(), folder.resolve("missing"));
    assertThatThrownBy(() -> engine.start(launch)).isInstanceOf(IOException.class);
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
  }

  private ProcessGroup groupOf(String name) throws IOException {
    return ProcessGroup.parse(Files.readString(folder.resolve("attempts/" + name + "/pid")));
  }
}
