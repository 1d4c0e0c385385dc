package dev.millrace.projects.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.spec.CondaEnv;
import dev.millrace.projects.spec.Environment;
import dev.millrace.projects.spec.EnvironmentKind;
import dev.millrace.projects.spec.ProjectSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With {@link CondaProgram} in conda's place. */
@Timeout(60)
final class CondaEnvironmentsTest {

  private static final Duration LONG = Duration.ofSeconds(30);

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
  }

  @Test
  void anEnvironmentIsMadeOnceAndFoundAgain() throws Exception {
    CondaProgram conda = conda("");
    CondaEnv environment = project("name: x\nprefix: /nowhere\ndependencies: [python=3.11]");
    Path place = kept.resolve(environment.name());
    String prefix = activation(environment);
    assertThat(prefix)
        .isEqualTo(
            "source '" + place.toString().replace("'", "'\"'\"'") + "/millrace-activate.sh' && ");
    assertThat(activation(environment)).isEqualTo(prefix);
    assertThat(conda.calls())
        .containsExactly(
            "env create --prefix %1$s --file %2$s/.%3$s.source/conda.yaml in %2$s/.%3$s.source:"
                    .formatted(place, kept, environment.name())
                + " ./conda.yaml");
    assertThat(log)
        .containsExactly(
            "Making the environment " + environment.name(),
            "conda says env",
            "The environment " + environment.name() + " is there already");
  }

  @Test
  void micromambaIsAskedInItsOwnWay() throws Exception {
    CondaProgram micromamba = new CondaProgram(temporary, "micromamba-2", "");
    Path link = Files.createSymbolicLink(temporary.resolve("conda"), micromamba.path());
    CondaEnv environment = project("dependencies: []");
    String prefix = activation(environment);
    assertThat(micromamba.calls()).singleElement().asString().startsWith("create --yes --prefix /");
    assertThat(link).isSymbolicLink();
    assertThat(bash(prefix + "command -v python")).startsWith(kept.toString());
  }

  @Test
  void activationIsThatOfConda() throws Exception {
    conda(
        """
        mkdir -p "$PREFIX"/etc/conda/{env_vars.d,activate.d,deactivate.d}
        cat > "$PREFIX/conda-meta/state" <<'END'
        {"version": 1, "more": {"X": ["env_vars"]}, "env_vars": {"lower": "it's $HOME `id`", "NUMBER": 1, "TRUTH": true,
         "NONE": null, "GONE": "***unset***", "path": "/evil", "a b": "x", "X=$(touch evil);Y": "x", "BOTH": "state"}}
        END
        echo '{"BOTH": "package", "ONE": "package"}' > "$PREFIX/etc/conda/env_vars.d/p.json"
        echo 'export ORDER="${ORDER}b"; echo noise; false' > "$PREFIX/etc/conda/activate.d/b.sh"
        echo 'export ORDER="${ORDER}a$BOTH"' > "$PREFIX/etc/conda/activate.d/a.sh"
        echo 'export ORDER=fish' > "$PREFIX/etc/conda/activate.d/c.fish"
        echo 'export ORDER=away' > "$PREFIX/etc/conda/deactivate.d/a.sh"
        """);
    CondaEnv environment = project("dependencies: []");
    String place = kept.resolve(environment.name()).toString();
    String prefix = activation(environment);
    assertThat(
            bash(
                prefix
                    + "printf '%s|' \"$LOWER\" \"$NUMBER\" \"$TRUTH\" \"${NONE-}\" \"${GONE-}\""
                    + " \"$BOTH\" \"$ONE\" \"$ORDER\" \"$CONDA_PREFIX\" \"$CONDA_DEFAULT_ENV\""
                    + " \"$CONDA_SHLVL\" \"$PATH\""))
        .isEqualTo(
            "noise\nit's $HOME `id`|1|True|||state|package|astateb|%1$s|%1$s|1|%1$s/bin:%2$s|"
                .formatted(place, System.getenv("PATH")));
    assertThat(bash(prefix + "command -v python; python -c 'print(6 * 7)'"))
        .isEqualTo("noise\n" + place + "/bin/python\n42\n");
    assertThat(bash(prefix + "exit 7; echo never")).isEqualTo("noise\n7");
    assertThat(project.resolve("evil")).doesNotExist();
    assertThat(log)
        .contains(
            "This variable of the environment is not set: path",
            "This variable of the environment is not set: a b",
            "This variable of the environment is not set: X=$(touch evil);Y");
  }

  @Test
  void whatIsLeftHalfMadeIsMadeAnew() throws Exception {
    // The first one kills itself, and the runner's own file says that it does not do so again.
    conda("[ -e '" + temporary + "/again' ] || { touch '" + temporary + "/again'; kill -9 $$; }");
    CondaEnv environment = project("dependencies: [a]");
    Path place = kept.resolve(environment.name());
    assertThatThrownBy(() -> activation(environment))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "The environment of the project cannot be made: conda ended with exit code 137.");
    assertThat(place).doesNotExist();
    // So does a runner that was killed: half an environment, and who still works on it.
    Files.createDirectories(place.resolve("conda-meta"));
    Files.createSymbolicLink(place.resolve("link"), project);
    Process maker =
        new ProcessBuilder("bash", "-c", "sleep 600; :", "conda", "--prefix", place.toString())
            .start();
    try {
      activation(environment);
      assertThat(maker.waitFor(1, TimeUnit.SECONDS)).isTrue();
      assertThat(place.resolve("link")).doesNotExist();
      assertThat(place.resolve("bin/python")).exists();
      assertThat(project.resolve("conda.yaml")).exists();
    } finally {
      maker.destroyForcibly();
    }
  }

  @Test
  void whatFailsLeavesNothingAndSaysWhy() throws Exception {
    conda("echo 'PackagesNotFoundError: a' >&2; exit 1");
    CondaEnv environment = project("dependencies: [a]");
    assertThatThrownBy(() -> activation(environment))
        .isInstanceOf(MillraceException.class)
        .hasMessage("The environment of the project cannot be made: conda ended with exit code 1.");
    assertThat(log).contains("PackagesNotFoundError: a");
    assertThat(kept.resolve(environment.name())).doesNotExist();
    conda("rm -r \"$PREFIX\"; exit 0");
    assertThatThrownBy(() -> activation(environment))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("made no environment in");
    conda("echo '{' > \"$PREFIX/conda-meta/state\"");
    assertThatThrownBy(() -> activation(environment)).isInstanceOf(IOException.class);
    assertThat(kept.resolve(environment.name())).doesNotExist();
  }

  @Test
  void whatTakesTooLongOrIsStoppedEnds() throws Exception {
    Path witness = temporary.resolve("witness");
    conda("sleep 3; echo > '" + witness + "'");
    CondaEnv environment = project("dependencies: [a]");
    assertThatThrownBy(
            () ->
                environments(Duration.ofMillis(300))
                    .activation(environment, project, own, log::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("took longer than");
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    activation(environment);
                  } catch (IOException | InterruptedException e) {
                    log.add(e.getClass().getSimpleName());
                  }
                });
    Thread.sleep(500);
    thread.interrupt();
    thread.join(Duration.ofSeconds(2));
    assertThat(log).contains("InterruptedException");
    assertThat(kept.resolve(environment.name())).doesNotExist();
    Thread.sleep(3000);
    assertThat(witness).doesNotExist();
  }

  @Test
  void oneAtATimeFillsTheCacheOfPackages() throws Exception {
    Path busy = temporary.resolve("busy");
    CondaProgram conda =
        conda("mkdir '" + busy + "' || exit 1; sleep 0.3; rmdir '" + busy + "' || exit 1");
    List<CondaEnv> wanted = new ArrayList<>();
    for (String text : List.of("dependencies: [a]", "dependencies: [b]", "dependencies: [b]")) {
      wanted.add(project(text));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<String>> results = new ArrayList<>();
      wanted.forEach(each -> results.add(threads.submit(() -> activation(each))));
      for (Future<String> result : results) {
        assertThat(result.get()).startsWith("source ");
      }
    }
    assertThat(conda.calls()).hasSize(2);
  }

  @Test
  void ofAProjectOnlyWhatItsDescriptionNamesGetsIntoASharedEnvironment() throws Exception {
    CondaProgram conda = conda("");
    Files.createDirectories(project.resolve("pip"));
    Files.writeString(project.resolve("pip/__main__.py"), "evil");
    Files.writeString(project.resolve("more.txt"), "a # one");
    CondaEnv environment = project("dependencies: [{pip: [-r more.txt]}]");
    activation(environment);
    assertThat(conda.calls()).singleElement().asString().endsWith(": ./conda.yaml ./more.txt");
    // What pip takes for a comment counts, too.
    Files.writeString(project.resolve("more.txt"), "a # two");
    activation(project("dependencies: [{pip: [-r more.txt]}]"));
    assertThat(conda.calls()).hasSize(2);
    try (Stream<Path> left = Files.list(kept)) {
      assertThat(left.map(Path::toString)).noneMatch(name -> name.endsWith(".source"));
    }
  }

  @Test
  void filesOfTheProjectAreInstalledForItAlone() throws Exception {
    CondaProgram conda = conda("");
    CondaEnv environment = project("dependencies: [{pip: [-e .]}]");
    assertThat(activation(environment)).startsWith("source " + own + "/mlflow-");
    assertThat(conda.calls())
        .containsExactly(
            "env create --prefix %s/%s --file %s/conda.yaml in %3$s: ./conda.yaml"
                .formatted(own, environment.name(), project));
    assertThat(kept.resolve(environment.name())).doesNotExist();
  }

  @Test
  void aServerWithoutCondaSaysWhatToDo() throws Exception {
    for (Path program : List.of(Path.of("no-such-conda"), temporary, temporary.resolve("conda"))) {
      CondaEnvironments environments = new CondaEnvironments(kept, program, LONG);
      assertThatThrownBy(environments::check)
          .isInstanceOf(MillraceException.class)
          .hasMessageContaining("no conda, mamba or micromamba: install one")
          .hasMessageContaining("'uv'")
          .hasMessageContaining("'local'");
    }
    new CondaEnvironments(kept, Path.of("bash"), LONG).check();
    new CondaEnvironments(kept, conda("").path(), LONG).check();
  }

  @Test
  void settingsOfCondaAreInheritedAndWhatIsActiveIsNot() {
    assertThat(
            List.of(
                "CONDARC", "CONDA_CHANNELS", "CONDA_EXECUTE_THREADS", "MAMBA_ROOT_PREFIX", "PATH"))
        .allMatch(Tool::isInherited);
    assertThat(List.of("CONDA_PREFIX", "CONDA_PREFIX_1", "CONDA_SHLVL", "CONDA_EXE", "MILLRACE_X"))
        .noneMatch(Tool::isInherited);
  }

  private String activation(CondaEnv environment) throws IOException, InterruptedException {
    return environments(LONG).activation(environment, project, own, log::add);
  }

  private CondaEnvironments environments(Duration limit) {
    return new CondaEnvironments(kept, temporary.resolve("conda"), limit);
  }

  private CondaProgram conda(String midway) throws IOException {
    return new CondaProgram(temporary, "conda", midway);
  }

  private CondaEnv project(String text) throws IOException {
    Files.writeString(project.resolve("conda.yaml"), text);
    return ((Environment.Conda) ProjectSpec.read(project).environment(EnvironmentKind.CONDA))
        .conda();
  }

  /** What a command prints, and what it exits with if that is not 0. */
  private String bash(String line) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", line)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    return code == 0 ? printed : printed + code;
  }
}
