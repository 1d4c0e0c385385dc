package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The training run, without the JVM keeping anything of it. */
final class TrainingTest {

  @Test
  void everyRequestIsAnsweredAndThePlatformStops(@TempDir Path folder) throws Exception {
    Training.main(new String[] {folder.resolve("data").toString()});
    assertThat(folder.resolve("data")).isDirectory();
    // Whoever starts on the same folder gets it: the one before has let it go.
    try (Standalone again =
        Standalone.start(
            Options.parse(
                List.of("--port", "0", "--data", folder.resolve("data").toString(), "--ui", "none"),
                Map.of()))) {
      assertThat(again.url()).startsWith("http://");
    }
  }
}
