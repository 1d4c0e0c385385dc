package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine's own tar makes of it. */
final class CodeArchiveTest {

  @Test
  void tarUnpacksWhatWasPacked(@TempDir Path temporary) throws Exception {
    Path code = Files.createDirectory(temporary.resolve("code"));
    String deep = "folder-with-a-long-name/".repeat(6);
    Files.createDirectories(code.resolve(deep));
    Files.createDirectory(code.resolve("empty"));
    Files.writeString(code.resolve(deep + "file with ä and blanks.txt"), "deep");
    Files.writeString(code.resolve("MLproject"), "x".repeat(1000));
    Files.writeString(code.resolve("run.sh"), "exit 0");
    assertThat(code.resolve("run.sh").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(code.resolve("link"), Path.of("MLproject"));
    Path file = temporary.resolve("codes/a.tar.gz");
    CodeArchive.pack(code, file);
    Path out = Files.createDirectory(temporary.resolve("out"));
    Process tar =
        new ProcessBuilder("tar", "-xzf", file.toString(), "-C", out.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(said).isEmpty();
    assertThat(out.resolve(deep + "file with ä and blanks.txt")).hasContent("deep");
    assertThat(out.resolve("MLproject")).hasContent("x".repeat(1000));
    assertThat(out.resolve("empty")).isEmptyDirectory();
    assertThat(out.resolve("run.sh")).isExecutable();
    assertThat(Files.isExecutable(out.resolve("MLproject"))).isFalse();
    assertThat(Files.readSymbolicLink(out.resolve("link"))).isEqualTo(Path.of("MLproject"));
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void whatIsSharedCanBeChangedByEverybody(@TempDir Path temporary) throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("project"));
    Files.createDirectory(folder.resolve("data"));
    Files.writeString(folder.resolve("data/x.csv"), "1");
    Path file = temporary.resolve("a.tar.gz");
    CodeArchive.packShared(folder, "code", ".empty", file);
    Process tar =
        new ProcessBuilder("tar", "-tvzf", file.toString()).redirectErrorStream(true).start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.lines().map(line -> line.replaceAll("^(\\S+) .* (\\S+)$", "$1 $2")))
        .containsExactly(
            "drwxrwxrwx .empty/",
            "drwxrwxrwx code/",
            "drwxrwxrwx code/data/",
            "-rw-rw-rw- code/data/x.csv");
  }
}
