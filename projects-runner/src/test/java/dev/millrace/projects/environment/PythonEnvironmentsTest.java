package dev.millrace.projects.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.spec.Environment;
import dev.millrace.projects.spec.EnvironmentKind;
import dev.millrace.projects.spec.ProjectSpec;
import dev.millrace.projects.spec.PythonEnv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a program in uv's place that notes what it is asked; conformance/clients has the real one.
 */
final class PythonEnvironmentsTest {

  @TempDir Path temporary = Path.of("");
  private Path kept = Path.of("");
  private Path project = Path.of("");
  private Path own = Path.of("");
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void makeFolders() throws IOException {
    kept = temporary.resolve("it's kept");
    project = Files.createDirectories(temporary.resolve("project"));
    own = Files.createDirectories(temporary.resolve("own"));
    uv("");
  }

  @Test
  void anEnvironmentIsMadeOnceAndFoundAgain() throws Exception {
    PythonEnv environment =
        project("python: '3.10'\nbuild_dependencies: [pip]\ndependencies: [a, '-r more.txt']");
    PythonEnvironments environments = environments(Duration.ofSeconds(30));
    String prefix = environments.activation(environment, false, project, own, log::add);
    String name = environment.name("3.11.1");
    Path place = kept.resolve(name);
    assertThat(prefix)
        .isEqualTo("source '" + place.toString().replace("'", "'\"'\"'") + "/bin/activate' && ");
    assertThat(calls())
        .containsExactly(
            "venv --no-config --python=3.10 " + place,
            "pip install --no-config --python " + place + "/bin/python -r: pip",
            "pip install --no-config --python " + place + "/bin/python -r: a -r more.txt");
    assertThat(environments.activation(environment, false, project, own, log::add))
        .isEqualTo(prefix);
    assertThat(calls()).hasSize(3);
    assertThat(log)
        .contains("uv says venv", "The environment " + name + " is there already")
        .anyMatch(line -> line.startsWith("Making the environment mlflow-"));
    try (Stream<Path> files = Files.list(project)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("python_env.yaml", "more.txt");
    }
  }

  @Test
  void theUsualPythonStandsForNone() throws Exception {
    PythonEnv bare = project("{}");
    environments(Duration.ofSeconds(30)).activation(bare, false, project, own, log::add);
    assertThat(calls())
        .containsExactly("venv --no-config --python=3.11.1 " + kept.resolve(bare.name("3.11.1")));
  }

  @Test
  void whatWasNotFinishedIsMadeAnew() throws Exception {
    PythonEnv environment = project("dependencies: [a]");
    Path place = kept.resolve(environment.name("3.11.1"));
    Files.createDirectories(place.resolve("bin"));
    Files.writeString(place.resolve("bin/activate"), "half");
    Files.createSymbolicLink(place.resolve("link"), project);
    environments(Duration.ofSeconds(30)).activation(environment, false, project, own, log::add);
    assertThat(place.resolve("link")).doesNotExist();
    assertThat(place.resolve("bin/activate")).hasContent("whole");
    assertThat(project.resolve("python_env.yaml")).exists();
  }

  @Test
  void whatFailsLeavesNothing() throws Exception {
    PythonEnv environment = project("dependencies: [a]");
    Path place = kept.resolve(environment.name("3.11.1"));
    uv("[ \"$1\" = venv ] || { echo no such package; exit 3; }");
    PythonEnvironments environments = environments(Duration.ofSeconds(30));
    assertThatThrownBy(() -> environments.activation(environment, false, project, own, log::add))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "The environment of the project cannot be made: uv pip ended with exit code 3.");
    assertThat(log).contains("no such package");
    assertThat(place).doesNotExist();
    uv("");
    environments.activation(environment, false, project, own, log::add);
    assertThat(place.resolve("bin/activate")).exists();
  }

  @Test
  void oneMakesItForAll() throws Exception {
    PythonEnv environment = project("dependencies: [a]");
    uv("sleep 0.3");
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        results.add(
            threads.submit(
                () ->
                    environments(Duration.ofSeconds(30))
                        .activation(environment, false, project, own, log::add)));
      }
      for (Future<String> result : results) {
        assertThat(result.get()).startsWith("source ");
      }
    }
    assertThat(calls()).hasSize(2);
  }

  @Test
  void whatTakesTooLongOrIsStoppedEnds() throws Exception {
    PythonEnv environment = project("dependencies: [a]");
    Path witness = temporary.resolve("witness");
    uv("sleep 3; echo > '" + witness + "'");
    assertThatThrownBy(
            () ->
                environments(Duration.ofMillis(300))
                    .activation(environment, false, project, own, log::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("took longer than");
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    environments(Duration.ofSeconds(30))
                        .activation(environment, false, project, own, log::add);
                  } catch (IOException | InterruptedException e) {
                    log.add(e.getClass().getSimpleName());
                  }
                });
    Thread.sleep(500);
    thread.interrupt();
    thread.join(Duration.ofSeconds(2));
    assertThat(log).contains("InterruptedException");
    assertThat(kept.resolve(environment.name("3.11.1"))).doesNotExist();
    Thread.sleep(3000);
    assertThat(witness).doesNotExist();
  }

  @Test
  void filesOfTheProjectAreInstalledForItAlone() throws Exception {
    PythonEnv environment = project("dependencies: [-e .]");
    String prefix =
        environments(Duration.ofSeconds(30)).activation(environment, false, project, own, log::add);
    assertThat(prefix).startsWith("source " + own + "/mlflow-");
    assertThat(kept).isEmptyDirectory();
  }

  @Test
  void whatUvLockedIsInstalledInsteadForUv() throws Exception {
    PythonEnv environment = project("dependencies: [a]");
    PythonEnvironments environments = environments(Duration.ofSeconds(30));
    Files.writeString(project.resolve("uv.lock"), "one");
    Files.writeString(project.resolve("pyproject.toml"), "[project]");
    Files.createSymbolicLink(project.resolve(".python-version"), temporary.resolve("uv"));
    String first = environments.activation(environment, true, project, own, log::add);
    Path place =
        Path.of(first.replaceAll("source '|/bin/activate' && $", "").replace("'\"'\"'", "'"));
    assertThat(place.getParent()).isEqualTo(kept);
    assertThat(place.getFileName().toString()).startsWith(environment.name("3.11.1") + "-");
    assertThat(calls())
        .containsExactly(
            "venv --no-config --python=3.11.1 " + place,
            "sync --frozen --no-dev in "
                + place
                + " for "
                + place
                + ": bin pyproject.toml uv.lock");
    assertThat(environments.activation(environment, true, project, own, log::add)).isEqualTo(first);
    assertThat(calls()).hasSize(2);
    Files.writeString(project.resolve("uv.lock"), "two");
    assertThat(environments.activation(environment, true, project, own, log::add))
        .isNotEqualTo(first);
    assertThat(calls()).hasSize(4);
    // As MLflow, virtualenv does not look at it.
    environments.activation(environment, false, project, own, log::add);
    assertThat(calls().getLast()).endsWith("-r: a");
  }

  @Test
  void aServerWithoutUvSaysSo() throws Exception {
    PythonEnv environment = project("{}");
    PythonEnvironments environments =
        new PythonEnvironments(
            kept, temporary.resolve("nothing"), "3.11.1", Duration.ofSeconds(30));
    assertThatThrownBy(() -> environments.activation(environment, false, project, own, log::add))
        .isInstanceOf(IOException.class);
  }

  private PythonEnvironments environments(Duration limit) {
    return new PythonEnvironments(kept, temporary.resolve("uv"), "3.11.1", limit);
  }

  private PythonEnv project(String text) throws IOException {
    Files.writeString(project.resolve("python_env.yaml"), text);
    if (text.contains("more.txt")) {
      Files.writeString(project.resolve("more.txt"), "b");
    }
    return ((Environment.Virtual) ProjectSpec.read(project).environment(EnvironmentKind.UV))
        .python();
  }

  /** A program that notes its arguments and makes what uv would. */
  private void uv(String first) throws IOException {
    Path program = temporary.resolve("uv");
    Files.writeString(
        program,
        """
        #!/bin/bash
        echo "uv says $1"
        %s
        if [ "$1" = sync ]; then
          echo "$@ in $PWD for $UV_PROJECT_ENVIRONMENT: $(ls -A)" | tr '\\n' ' ' >> "CALLS"
          echo >> "CALLS"
        elif [ "$1" = venv ]; then
          echo "$@" >> "CALLS"
          mkdir -p "${@: -1}/bin"
          printf whole > "${@: -1}/bin/activate"
        else
          echo "${@:1:$#-1}: $(tr '\\n' ' ' < "${@: -1}")" >> "CALLS"
        fi
        """
            .replace("CALLS", temporary.resolve("calls").toString())
            .formatted(first));
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(temporary.resolve("calls")).stream().map(String::strip).toList();
  }
}
