package dev.millrace.projects.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the golden tables do not have: hostile projects, messages, and what Millrace does its way.
 */
final class ProjectSpecTest {

  @TempDir Path root = Path.of("");
  private Path folder = Path.of("");

  @BeforeEach
  void makeProject() throws IOException {
    folder = Files.createDirectories(root.resolve("repository/project"));
  }

  @Test
  void filesOutsideOfTheProjectAreNotRead() throws IOException {
    Files.writeString(root.resolve("secret.yaml"), "python: '3.11'");
    project("python_env: ../../secret.yaml");
    refused(this::read, "no such file was found");
    project("python_env: " + root.resolve("secret.yaml"));
    refused(this::read, "no such file was found");
    Files.createSymbolicLink(folder.resolve("link.yaml"), root.resolve("secret.yaml"));
    project("python_env: link.yaml");
    refused(this::read, "no such file was found");
    project("name: x");
    Files.createSymbolicLink(folder.resolve("python_env.yaml"), root.resolve("secret.yaml"));
    refused(() -> read().environment(null), "python_env.yaml is no file");
    Files.delete(folder.resolve("python_env.yaml"));
    Files.writeString(folder.resolve("python_env.yaml"), "dependencies: [-r ../../secret.yaml]");
    refused(() -> read().environment(null), "no such file was found");
    Files.delete(folder.resolve("MLproject"));
    Files.createSymbolicLink(folder.resolve("MLproject"), root.resolve("secret.yaml"));
    refused(this::read, "MLproject is no file");
  }

  @Test
  void whatWasFetchedWithTheProjectMayBeRead() throws IOException {
    Files.writeString(root.resolve("repository/shared.yaml"), "python: '3.9'");
    project("python_env: ../shared.yaml");
    Environment environment =
        ProjectSpec.read(folder, root.resolve("repository")).environment(null);
    assertThat(environment)
        .isInstanceOfSatisfying(
            Environment.Virtual.class,
            virtual -> {
              assertThat(virtual.python().python()).isEqualTo("3.9");
              assertThat(virtual.tag()).isEqualTo("uv");
            });
  }

  @Test
  void hugeFilesAreRefused() throws IOException {
    project("a: " + "x".repeat(1 << 20));
    refused(this::read, "larger than 1048576 bytes");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    project(bomb.toString());
    refused(this::read, "too large, or contains itself");
    project("a: 1" + ":1".repeat(2000) + "\nb: 1" + ":1".repeat(50_000));
    assertThat(read().entryPoints()).isEmpty();
    project("a: " + "[".repeat(5000) + "]".repeat(5000));
    refused(this::read, "not valid YAML");
    Files.write(folder.resolve("MLproject"), new byte[] {'a', ':', ' ', (byte) 0xff});
    refused(this::read, "MLproject is not UTF-8");
  }

  @Test
  void messagesSayWhatIsWrong() throws IOException {
    project("entry_points: {main: {command: 'a {x} {y}', parameters: {x: float}}}");
    refused(
        () -> read().command("main", Map.of("x", "1")),
        "The command 'a {x} {y}' cannot be used: parameter 'y' is not declared by the entry"
            + " point.");
    refused(() -> read().command("main", Map.of()), "No value given for missing parameters: 'x'");
    refused(
        () -> read().command("other", Map.of()),
        "Could not find other among entry points ['main'] or interpret other as a runnable"
            + " script.");
    project("entry_points: {main: {command: 'a {x[0]}', parameters: {x: float}}}");
    refused(
        () -> read().command("main", Map.of("x", "1")), "{x[0]}: parts of parameters cannot be");
    project("a: [1,\nb: }");
    refused(this::read, "MLproject is not valid YAML: ");
    project("python_env: a\nconda_env: b");
    refused(this::read, "Project cannot contain multiple environment fields: {");
    project("databricks_spark_job: {python_file: x.py}");
    refused(this::read, "databricks_spark_job runs on Databricks only");
    refused(() -> EnvironmentKind.of("pip"), "Invalid value for `env_manager`: 'pip'.");
  }

  @Test
  void commandsThatNoShellTakesAreRefused() throws IOException {
    project("entry_points: {main: {command: 'a {x}', parameters: {x: string}}}");
    refused(() -> read().command("main", Map.of("x", "a\0b")), "U+0000");
    refused(() -> read().command("main", Map.of("x", "a".repeat(200_000))), "is 200002 bytes long");
    assertThat(read().command("main", Map.of("x", "a".repeat(100_000))).line()).hasSize(100_002);
  }

  @Test
  void pathsAreInTheProjectOrAreDownloaded() throws IOException {
    project("entry_points: {main: {command: 'a {o} {x}', parameters: {o: {default: 1}, x: path}}}");
    Command remote = read().command("main", Map.of("x", "s3://b/a file"));
    assertThat(remote.line()).isEqualTo("a 1 's3://b/a file'");
    assertThat(remote.paths()).containsExactly(new PathParameter("x", "s3://b/a file", "param_1"));
    Command local =
        read().command("main", Map.of("x", "s3://b/a file"), Map.of("x", Path.of("/s/a file")));
    assertThat(local.line()).isEqualTo("a 1 '/s/a file'");
    assertThat(local.logged()).isEqualTo(Map.of("o", "1", "x", "'s3://b/a file'"));
    assertThat(local.paths()).isEmpty();
    refused(() -> read().command("main", Map.of("x", "../../x")), "no such file or directory");
    refused(() -> read().command("main", Map.of("x", "")), "no such file or directory");
    // Absolute paths are those of the machine that runs the command, which this need not be.
    assertThat(read().command("main", Map.of("x", "/no/where")).line()).isEqualTo("a 1 /no/where");
    assertThat(read().command("main", Map.of("x", "file:///a%20b")).line()).isEqualTo("a 1 '/a b'");
  }

  @Test
  void condaEnvironmentsHaveMlflowsNamesAndAreTheProjectsOwnIfTheyTakeItsFiles()
      throws IOException {
    CondaEnv plain = conda("channels: [conda-forge, 'https://h/c']\r\ndependencies: [a=1.*]\n");
    assertThat(plain.file()).isEqualTo(folder.resolve("conda.yaml"));
    // printf 'channels: … [a=1.*]\n' | sha1sum: Python reads line ends as one.
    assertThat(plain.name()).isEqualTo("mlflow-189400a7d143e6dbf42112c8cfb70dc6f32f815d");
    assertThat(plain.isShared()).isTrue();
    for (String text :
        List.of(
            "name: a\nprefix: /x",
            "channels: [defaults, conda-forge/label/x, 'https://user:token@h/c']",
            "dependencies: ['conda-forge::a >=1.0,<2', 'https://h/a-1-0.conda', 'a=1=b_0', pip]",
            "dependencies: [pip, {pip: ['a==1.0', 'b @ https://h/b.whl', '-i https://h/simple']}]",
            "dependencies: [{pip: }]",
            "variables: {PATH: /x}\ndependencies: []")) {
      assertThat(conda(text).isShared()).as(text).isTrue();
    }
    for (String text :
        List.of(
            "channels: [./channel]",
            "channels: ['file:///channel']",
            "channels: ['~/channel']",
            "channels: [/channel]",
            "channels: [local]",
            "channels: ['https://$HOST/c']",
            "channels: defaults",
            "dependencies: [./a-1-0.conda]",
            "dependencies: [sub/a-1-0.tar.bz2]",
            "dependencies: ['file:///a-1-0.conda']",
            "dependencies: ['a[channel=./c]']",
            "dependencies: [\"a[channel='/c']\"]",
            "dependencies: ['/channel::a']",
            "dependencies: [5]",
            "dependencies: [{npm: [a]}]",
            "dependencies: [{pip: [a], npm: [b]}]",
            "dependencies: [{pip: [-e .]}]",
            "dependencies: [{pip: [-rmore.txt]}]",
            "dependencies: [{pip: [--requirement=more.txt]}]",
            "dependencies: [{pip: ['--pre -r more.txt']}]",
            "dependencies: [{pip: [\"a\\n-cmore.txt\"]}]",
            "dependencies: [{pip: [a, ./lib]}]")) {
      assertThat(conda(text).isShared()).as(text).isFalse();
    }
  }

  @Test
  void requirementsOfCondaAreBesideItsFileAndInItsName() throws IOException {
    project("conda_env: env/c.yml");
    Path file = Files.createDirectory(folder.resolve("env")).resolve("c.yml");
    Files.writeString(file, "dependencies: [{pip: [a, -r more.txt]}]");
    refused(() -> read().environment(EnvironmentKind.CONDA), "requirements file more.txt");
    Files.writeString(folder.resolve("more.txt"), "x");
    refused(() -> read().environment(EnvironmentKind.CONDA), "requirements file more.txt");
    Files.writeString(file.resolveSibling("more.txt"), "b");
    CondaEnv first = ((Environment.Conda) read().environment(EnvironmentKind.CONDA)).conda();
    assertThat(first.isShared()).isTrue();
    Files.writeString(file.resolveSibling("more.txt"), "b==2");
    CondaEnv second = ((Environment.Conda) read().environment(EnvironmentKind.CONDA)).conda();
    assertThat(second.name()).isNotEqualTo(first.name()).startsWith(first.name().substring(0, 47));
    Files.writeString(file.resolveSibling("more.txt"), "b\n./lib");
    assertThat(((Environment.Conda) read().environment(EnvironmentKind.CONDA)).conda().isShared())
        .isFalse();
    Files.writeString(root.resolve("secret"), "x");
    for (String outside : List.of("/etc/passwd", "../../../secret", "link")) {
      Files.deleteIfExists(file.resolveSibling("link"));
      Files.createSymbolicLink(file.resolveSibling("link"), root.resolve("secret"));
      Files.writeString(file, "dependencies: [{pip: ['-r " + outside + "']}]");
      refused(() -> read().environment(EnvironmentKind.CONDA), "no such file was found");
    }
  }

  @Test
  void descriptionsThatCondaDoesNotTakeAreRefused() throws IOException {
    refused(() -> conda("[]"), "conda.yaml must be a mapping");
    refused(() -> conda("dependencies: a"), "dependencies must be a list");
    refused(() -> conda("dependencies: [{pip: a}]"), "`pip` must be a list but got 'a'");
    refused(() -> conda("dependencies: [{pip: [1]}]"), "`pip` must be a list of strings");
    project("conda_env: env.txt");
    Files.writeString(folder.resolve("env.txt"), "dependencies: []");
    refused(() -> read().environment(EnvironmentKind.CONDA), "ends in .yaml or .yml");
    Files.delete(folder.resolve("MLproject"));
    Files.delete(folder.resolve("conda.yaml"));
    refused(
        () -> read().environment(EnvironmentKind.CONDA),
        "python_env project cannot be executed using conda.");
  }

  private CondaEnv conda(String text) throws IOException {
    Files.writeString(folder.resolve("conda.yaml"), text);
    return ((Environment.Conda) read().environment(EnvironmentKind.CONDA)).conda();
  }

  @Test
  void requirementsThatNameFilesAreToldHoweverTheyAreWritten() throws IOException {
    Files.writeString(folder.resolve("more.txt"), "a");
    for (String line :
        List.of("-rmore.txt", "--requirement=more.txt", "--pre -r more.txt", "-cmore.txt")) {
      Files.writeString(folder.resolve("python_env.yaml"), "dependencies: ['" + line + "']");
      assertThat(virtual().isShared()).as(line).isFalse();
    }
    for (String line :
        List.of(
            "-r more.txt", "--pre", "--extra-index-url https://h/simple", "--only-binary :all:")) {
      Files.writeString(folder.resolve("python_env.yaml"), "dependencies: ['" + line + "']");
      assertThat(virtual().isShared()).as(line).isTrue();
    }
  }

  private PythonEnv virtual() {
    return ((Environment.Virtual) read().environment(EnvironmentKind.UV)).python();
  }

  @Test
  void environmentsAreVirtualUnlessAskedOtherwise() throws IOException {
    Files.writeString(folder.resolve("conda.yaml"), "dependencies: [python=3.10, scipy]");
    assertThat(read().environment(null))
        .isInstanceOfSatisfying(
            Environment.Virtual.class,
            virtual -> assertThat(virtual.python().dropped()).containsExactly("scipy"));
    assertThat(read().environment(EnvironmentKind.CONDA).tag()).isEqualTo("conda");
    assertThat(read().environment(EnvironmentKind.LOCAL).tag()).isNull();
    assertThat(read().environment(EnvironmentKind.VIRTUALENV).tag()).isEqualTo("virtualenv");
    project("name: n\ndocker_env: {image: i, volumes: ['/a:/b'], environment: [A, [B, 1]]}");
    assertThat(read().environment(EnvironmentKind.LOCAL))
        .isEqualTo(
            new Environment.Docker(
                "n",
                "i",
                List.of("/a:/b"),
                List.of(new Environment.Variable("A", null), new Environment.Variable("B", "1"))));
  }

  @Test
  void pythonIsAVersionAndNoProgram() throws IOException {
    Files.writeString(folder.resolve("python_env.yaml"), "python: /tmp/evil");
    refused(() -> read().environment(null), "'/tmp/evil' is no version of Python");
    Files.writeString(folder.resolve("python_env.yaml"), "python: '>=3.9,<3.12'");
    assertThat(read().environment(null)).isInstanceOf(Environment.Virtual.class);
  }

  @Test
  void environmentsWithFilesOfTheProjectAreItsOwn() throws IOException {
    for (String own :
        List.of(
            "-e .",
            "./lib",
            "../lib",
            "lib/x.whl",
            "x.tar.gz",
            "x @ file:///x",
            "~/x",
            "--find-links ./wheels",
            "--find-links=./wheels",
            "x @ ./x",
            "/abs/x",
            "lib/",
            ".",
            "git+file:///x",
            "-f wheels/")) {
      assertThat(shared(own)).as(own).isFalse();
    }
    for (String shared :
        List.of(
            "numpy",
            "numpy>=1.0,<2",
            "a[b]==1.0",
            "a; python_version < '3'",
            "x @ https://h/x.whl",
            "git+https://h/r.git@v1",
            "--index-url https://h/simple/",
            "--extra-index-url=https://h/simple",
            "https://h/x.tar.gz",
            "a==1.0 --hash=sha256:0a")) {
      assertThat(shared(shared)).as(shared).isTrue();
    }
  }

  private boolean shared(String requirement) throws IOException {
    Files.writeString(folder.resolve("python_env.yaml"), "dependencies: [\"" + requirement + "\"]");
    return ((Environment.Virtual) read().environment(null)).python().isShared();
  }

  private ProjectSpec read() {
    return ProjectSpec.read(folder);
  }

  private void project(String text) throws IOException {
    Files.writeString(folder.resolve("MLproject"), text);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .satisfies(e -> assertThat(Objects.requireNonNull(e.getMessage())).contains(message));
  }
}
