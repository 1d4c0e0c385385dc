package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./millrace} in a clone that was never built, called through a link. */
final class LauncherTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String HELP =
      "standalone/src/main/resources/dev/millrace/standalone/help.txt";

  private Path clone = Path.of("");
  private Path elsewhere = Path.of("");

  @BeforeEach
  void cloneWithoutBuilding(@TempDir Path folder) throws IOException {
    clone = folder.resolve("a clone");
    elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (String file : List.of("millrace", "build/find-jdk", "pom.xml", HELP)) {
      Files.createDirectories(clone.resolve(file).getParent());
      Files.copy(ROOT.resolve(file), clone.resolve(file));
      clone.resolve(file).toFile().setExecutable(true);
    }
    Files.createSymbolicLink(elsewhere.resolve("link"), clone.resolve("millrace"));
  }

  @Test
  void helpAndVersionNeedNoBuild() throws Exception {
    Result help = run("/usr/bin:/bin", "--port", "1", "--help");
    assertThat(help.output).isEqualTo(Files.readString(ROOT.resolve(HELP)));
    assertThat(help.exitCode).isZero();

    Result version = run("/usr/bin:/bin", "--version");
    assertThat(version.output).matches("millrace \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
    assertThat(version.exitCode).isZero();
  }

  @Test
  void withoutMavenItTellsHowToGetIt() throws Exception {
    Path tools = Files.createDirectories(elsewhere.resolve("bin"));
    for (String tool : List.of("bash", "cat", "dirname", "find", "mkdir", "readlink", "sed")) {
      Path found =
          Stream.of("/bin", "/usr/bin")
              .map(bin -> Path.of(bin, tool))
              .filter(Files::exists)
              .findFirst()
              .orElseThrow();
      Files.createSymbolicLink(tools.resolve(tool), found);
    }

    Result result = run(tools.toString());

    assertThat(result.exitCode).isEqualTo(1);
    assertThat(result.output).isEmpty();
    assertThat(result.errors)
        .startsWith("millrace: building needs Maven 3.8.7 or newer")
        .contains("apt-get install maven");
  }

  @Test
  void firstStartTrainsAndLaterStartsUseWhatWasLearnt() throws Exception {
    Path jdk = builtWith("");

    Result first = run("/usr/bin:/bin", jdk, "--port", "1");

    assertThat(first.exitCode).isZero();
    assertThat(first.errors).startsWith("Preparing fast starts.");
    List<String> lines = first.output.lines().toList();
    assertThat(lines).hasSize(1);
    String cache = clone.resolve("standalone/target/millrace.aot").toString();
    assertThat(lines.getFirst())
        .contains(" -XX:AOTCache=" + cache + " ")
        .endsWith("dev.millrace.standalone.Main --port 1");
    // A cache serves only the options and the class path that it was made with.
    String training = Files.readString(clone.resolve("target/millrace-training.log"));
    assertThat(options(lines.getFirst())).isEqualTo(options(training)).doesNotContain("AOT");

    Result second = run("/usr/bin:/bin", jdk);
    assertThat(second.errors).isEmpty();
    assertThat(second.output).contains(" -XX:AOTCache=");

    // Others build, too; the launcher finds new jars.
    Files.setLastModifiedTime(
        clone.resolve("standalone/target/standalone.jar"),
        FileTime.from(Instant.now().plusSeconds(10)));
    Result third = run("/usr/bin:/bin", jdk);
    assertThat(third.errors).startsWith("Preparing fast starts.");
  }

  @Test
  void whereTrainingFailsTheStartIsOnlySlow() throws Exception {
    Path jdk = builtWith("case $* in *AOTCacheOutput*) exit 1 ;; esac");

    Result first = run("/usr/bin:/bin", jdk);

    assertThat(first.exitCode).isZero();
    assertThat(first.errors).contains("That failed, so starts stay slow");
    assertThat(first.output).doesNotContain("AOT").contains("dev.millrace.standalone.Main");

    Result second = run("/usr/bin:/bin", jdk);
    assertThat(second.errors).isEmpty();
    assertThat(second.output).contains("dev.millrace.standalone.Main");
  }

  /** What a command line has in front of its main class, without the option about the cache. */
  private static String options(String line) {
    return line.substring(0, line.indexOf(" dev.millrace."))
        .replace("-Xlog:aot*=off,cds*=off ", "")
        .replaceFirst("-XX:AOTCache(Output)?=.*?/(cache|millrace\\.aot) ", "");
  }

  /** Has the clone look built, and returns a JDK whose {@code java} tells how it was called. */
  private Path builtWith(String inJava) throws IOException {
    Path target = Files.createDirectories(clone.resolve("standalone/target"));
    for (String name : List.of("standalone.jar", "library.jar")) {
      Files.writeString(target.resolve(name), name);
    }
    Files.copy(ROOT.resolve("standalone/pom.xml"), clone.resolve("standalone/pom.xml"));
    Files.writeString(target.resolve("classpath"), target.resolve("library.jar").toString());
    Files.createDirectories(clone.resolve("target"));
    Path jdk = elsewhere.resolve("jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    String java =
        """
        #!/bin/bash
        %s
        for word in "$@"; do
          case $word in -XX:AOTCacheOutput=*) echo learnt >"${word#*=}" ;; esac
        done
        echo "$@"
        """
            .formatted(inJava);
    for (String name : List.of("java", "javac")) {
      Files.writeString(jdk.resolve("bin").resolve(name), java);
      jdk.resolve("bin").resolve(name).toFile().setExecutable(true);
    }
    return jdk;
  }

  private record Result(int exitCode, String output, String errors) {}

  private Result run(String path, String... arguments) throws Exception {
    return run(path, Path.of(System.getProperty("java.home")), arguments);
  }

  private Result run(String path, Path jdk, String... arguments) throws Exception {
    Path errors = elsewhere.resolve("errors");
    // The script's own first line would look for bash on the PATH.
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of("/bin/bash", elsewhere.resolve("link").toString()),
                        Stream.of(arguments))
                    .toList())
            .directory(elsewhere.toFile())
            .redirectError(errors.toFile());
    builder.environment().putAll(Map.of("PATH", path, "JAVA_HOME", jdk.toString()));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output, Files.readString(errors));
  }
}
