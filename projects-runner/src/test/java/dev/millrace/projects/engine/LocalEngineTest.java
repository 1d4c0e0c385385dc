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
