package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.engine.Volume;
import dev.millrace.projects.environment.CondaEnvironments;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.ParameterFiles;
import dev.millrace.projects.source.SourceLimits;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What projects become where they run in containers. */
final class ContainersTest {

  private static final String SHA_256 = "a".repeat(64);
  private static final String ENTRY = "entry_points: {main: {command: 'python main.py'}}\n";

  @TempDir Path folder = Path.of("");

  private final List<String> notes = new ArrayList<>();
  private final ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();

  @AfterEach
  void close() {
    nowhere.shutdownNow();
  }

  private Prepared prepare(String project, String image, @Nullable String envManager)
      throws Exception {
    Snapshots snapshots = new Snapshots(folder.resolve("snapshots"), 1 << 20, true);
    Path file = snapshots.file(SHA_256);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("MLproject"));
      zip.write(project.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    ProjectPreparer preparer =
        new ProjectPreparer(
            snapshots,
            GitPolicy.DEFAULT,
            SourceLimits.DEFAULT,
            new PythonEnvironments(
                folder.resolve("environments"), null, null, Duration.ofSeconds(1)),
            new CondaEnvironments(folder.resolve("environments"), null, Duration.ofSeconds(1)),
            new ParameterFiles(nowhere, nowhere, "https", "*", false, SourceLimits.DEFAULT),
            0,
            new Containers(image, Map.of("PASSED", "on"), Volumes.of("/models:ro,cache")));
    JobSpec spec =
        Specs.of(new JobSource.Snapshot(SHA_256, "p", null, null, null), Map.of(), envManager);
    Path code = Files.createDirectory(folder.resolve(UUID.randomUUID().toString()));
    return preparer.prepare(JobRow.draft(spec, null, "", 0, null, null), code, notes::add);
  }

  @Test
  void theImageIsThatOfTheProject() throws Exception {
    Prepared prepared =
        prepare(
            ENTRY
                + "docker_env:\n"
                + "  image: team/image:1\n"
                + "  volumes: ['/data:/data', '/models:/m', 'cache:/c']\n"
                + "  environment: [[A, b], PASSED]\n",
            "server:1",
            null);
    assertThat(prepared.image()).isEqualTo("team/image:1");
    assertThat(prepared.environment()).isEqualTo(Map.of("A", "b", "PASSED", "on"));
    assertThat(prepared.command()).containsExactly("bash", "-c", "python main.py");
    assertThat(prepared.tags())
        .isEqualTo(
            Map.of("mlflow.project.env", "docker", "mlflow.docker.image.uri", "team/image:1"));
    assertThat(prepared.volumes())
        .containsExactly(new Volume("/models", "/m", true), new Volume("cache", "/c", false));
    assertThat(notes).contains("[millrace: the volume '/data:/data' of docker_env is not mounted]");
    assertThat(prepared.in("sha256:1").image()).isEqualTo("sha256:1");
    assertThat(prepared.in("sha256:1").tags()).containsEntry("mlflow.docker.image.id", "sha256:1");
  }

  @Test
  void projectsWithoutOneGetTheServers() throws Exception {
    for (@Nullable String envManager : new @Nullable String[] {null, "local"}) {
      Prepared prepared = prepare(ENTRY, "server:1", envManager);
      assertThat(prepared.image()).isEqualTo("server:1");
      assertThat(prepared.tags()).isEqualTo(Map.of("mlflow.docker.image.uri", "server:1"));
    }
  }

  @Test
  void whatCannotRunIsRefused() {
    refused(ENTRY, "", null, "no image for such projects");
    refused(ENTRY, "server:1", "uv", "makes no environments");
    refused(ENTRY, "server:1", "conda", "makes no environments");
    for (String image :
        List.of(
            "../x", "a b", "a//b", "a/../b", "-a", "a:", "http://a/b", "a?x=1", "A%2f", "a\nb")) {
      refused(
          ENTRY + "docker_env: {image: \"" + image.replace("\n", "\\n") + "\"}\n",
          "",
          null,
          "cannot be the name of one");
    }
    refused(
        ENTRY + "docker_env: {image: i, environment: [HOME]}\n",
        "",
        null,
        "'HOME', which this server does not pass on");
    refused(
        "entry_points: {main: {parameters: {data: {type: path, default: 's3://b/x'}},"
            + " command: 'cat {data}'}}\n",
        "server:1",
        null,
        "Parameter 'data' is of the type path, and 's3://b/x' cannot be downloaded");
  }

  @Test
  void namesOfImagesAreTakenAsTheyAre() throws Exception {
    for (String image :
        List.of(
            "a",
            "localhost:5000/a/b_c:v1.2",
            "registry.example.com/team/x@sha256:" + SHA_256,
            "sha256:" + SHA_256)) {
      assertThat(prepare(ENTRY + "docker_env: {image: '" + image + "'}\n", "", null).image())
          .isEqualTo(image);
    }
  }

  @Test
  void volumesAreThoseThatAreAllowedAndNoOthers() {
    Volumes volumes = Volumes.of("/data, /models:ro,cache");
    assertThat(volumes.find("/data:/d")).isEqualTo(new Volume("/data", "/d", false));
    assertThat(volumes.find("/data:/d:ro")).isEqualTo(new Volume("/data", "/d", true));
    assertThat(volumes.find("/models:/d:rw")).isEqualTo(new Volume("/models", "/d", true));
    assertThat(volumes.find("cache:/d")).isEqualTo(new Volume("cache", "/d", false));
    for (String other :
        List.of(
            "/:/d",
            "/data",
            "/data/x:/d",
            "/data/../etc:/d",
            "/data/:/d",
            "data:/d",
            "/data:d",
            "/data:",
            ":/d",
            "/data:/d:shared",
            "/data:/d:ro:z",
            "/data:/d:",
            "")) {
      assertThat(volumes.find(other)).as(other).isNull();
    }
    assertThat(Volumes.of("").find("/data:/d")).isNull();
    for (String malformed : List.of("data/x", "/data/../x", "/data:rw", "./x", "/a:b:ro")) {
      assertThatThrownBy(() -> Volumes.of(malformed))
          .as(malformed)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private void refused(String project, String image, @Nullable String envManager, String message) {
    assertThatThrownBy(() -> prepare(project, image, envManager))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
              assertThat(e.text()).contains(message);
            });
  }
}
