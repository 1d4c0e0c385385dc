package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.environment.CondaEnvironments;
import dev.millrace.projects.environment.CondaProgram;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.ParameterFiles;
import dev.millrace.projects.source.SourceLimits;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project that is to run in a conda environment; with {@link CondaProgram} in conda's place. */
final class CondaProjectTest {

  private static final String SHA_256 = "a".repeat(64);

  @TempDir Path folder = Path.of("");
  private final List<String> notes = new ArrayList<>();
  private final ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();

  @BeforeEach
  void packProject() throws IOException {
    Path file = snapshots().file(SHA_256);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      add(
          zip,
          "MLproject",
          "{conda_env: env/c.yml, entry_points: {main: {command: command -v python}}}");
      add(zip, "env/c.yml", "dependencies: [python=3.11, {pip: [-r more.txt]}]");
      add(zip, "env/more.txt", "six");
      // uv's are relative to the project.
      add(zip, "more.txt", "six");
    }
  }

  private static void add(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  @AfterEach
  void close() {
    nowhere.shutdownNow();
  }

  @Test
  void itsCommandRunsInTheEnvironment() throws Exception {
    ProjectPreparer preparer = preparer(new CondaProgram(folder, "mamba", "").path());
    Inspector.Inspection seen = preparer.inspect(submission("conda"), newFolder("seen"));
    assertThat(seen.environment()).isEqualTo("conda");
    assertThat(seen.command()).isEqualTo("command -v python");
    assertThat(folder.resolve("environments")).doesNotExist();
    Prepared prepared =
        preparer.prepare(
            JobRow.draft(spec("conda"), null, "", 0, null, null), newFolder("job"), notes::add);
    assertThat(prepared.tags()).containsEntry("mlflow.project.env", "conda");
    Process process =
        new ProcessBuilder(prepared.command()).directory(prepared.folder().toFile()).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .matches(folder.resolve("environments") + "/mlflow-[0-9a-f]{40}-[0-9a-f]{40}/bin/python\n");
    assertThat(process.waitFor()).isZero();
    assertThat(notes).contains("mamba says env");
  }

  @Test
  void withoutCondaItIsRefused() throws Exception {
    ProjectPreparer preparer = preparer(folder.resolve("nothing"));
    assertThatThrownBy(() -> preparer.inspect(submission("conda"), newFolder("seen")))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessageContaining("This server has no conda");
    // Who does not ask for conda gets uv.
    assertThat(preparer.inspect(submission(null), newFolder("uv")).environment()).isEqualTo("uv");
  }

  private ProjectPreparer preparer(Path conda) {
    Path environments = folder.resolve("environments");
    return new ProjectPreparer(
        snapshots(),
        GitPolicy.DEFAULT,
        SourceLimits.DEFAULT,
        new PythonEnvironments(environments, null, null, Duration.ofSeconds(1)),
        new CondaEnvironments(environments, conda, Duration.ofSeconds(30)),
        new ParameterFiles(nowhere, nowhere, "https", "*", false, SourceLimits.DEFAULT),
        0,
        null);
  }

  private Snapshots snapshots() {
    return new Snapshots(folder.resolve("snapshots"), 1 << 20, true);
  }

  private Path newFolder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private static Submission submission(@Nullable String envManager) {
    return new Submission(spec(envManager), null, null, "digest");
  }

  private static JobSpec spec(@Nullable String envManager) {
    return Specs.of(new JobSource.Snapshot(SHA_256, "p", null, null, null), Map.of(), envManager);
  }
}
