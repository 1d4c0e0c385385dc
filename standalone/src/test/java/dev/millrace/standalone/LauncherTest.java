package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private record Result(int exitCode, String output, String errors) {}

  private Result run(String path, String... arguments) throws Exception {
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
    builder
        .environment()
        .putAll(Map.of("PATH", path, "JAVA_HOME", System.getProperty("java.home")));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output, Files.readString(errors));
  }
}
