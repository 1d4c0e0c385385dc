package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.environment.CondaEnvironments;
import dev.millrace.projects.environment.FolderTree;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.ParameterFiles;
import dev.millrace.projects.source.SourceLimits;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What jobs are prepared from, where the host of it is away for a moment. */
@Timeout(60)
final class ProjectPreparerTest {

  private static final String SHA_256 = "b".repeat(64);

  @TempDir Path folder = Path.of("");

  private final List<String> notes = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();
  private HttpServer host;

  @BeforeEach
  void open() throws IOException {
    host = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    host.start();
  }

  @AfterEach
  void close() {
    host.stop(0);
    nowhere.shutdownNow();
  }

  /** Answers with 503 so many times, and then with a file. */
  private String away(int times) {
    host.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] content = "1,2\n".getBytes(StandardCharsets.UTF_8);
            if (asked.getAndIncrement() < times) {
              exchange.sendResponseHeaders(503, -1);
            } else {
              exchange.sendResponseHeaders(200, content.length);
              exchange.getResponseBody().write(content);
            }
          }
        });
    return "http://127.0.0.1:%d/data.csv".formatted(host.getAddress().getPort());
  }

  private Prepared prepare(JobSource source, Map<String, String> parameters, int retries)
      throws Exception {
    return prepare(source, parameters, retries, null);
  }

  private Prepared prepare(
      JobSource source,
      Map<String, String> parameters,
      int retries,
      @Nullable Containers containers)
      throws Exception {
    ProjectPreparer preparer =
        new ProjectPreparer(
            new Snapshots(folder.resolve("snapshots"), 1 << 20, true),
            new GitPolicy(Set.of("http"), List.of("*"), true, List.of(), null),
            SourceLimits.DEFAULT,
            new PythonEnvironments(
                folder.resolve("environments"), null, null, Duration.ofSeconds(1)),
            new CondaEnvironments(folder.resolve("environments"), null, Duration.ofSeconds(1)),
            new ParameterFiles(nowhere, nowhere, "http", "*", true, SourceLimits.DEFAULT),
            retries,
            containers);
    JobSpec spec = Specs.of(source, parameters, "local");
    return preparer.prepare(
        JobRow.draft(spec, null, "", 0, null, null),
        Files.createDirectory(folder.resolve("job")),
        notes::add);
  }

  private JobSource snapshot(String project, String... others) throws IOException {
    Path file = new Snapshots(folder.resolve("snapshots"), 1 << 20, true).file(SHA_256);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("MLproject"));
      zip.write(project.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
      for (String other : others) {
        zip.putNextEntry(new ZipEntry(other));
        zip.closeEntry();
      }
    }
    return new JobSource.Snapshot(SHA_256, "p", null, null, null);
  }

  @Test
  void aFileIsAskedForAgain() throws Exception {
    String uri = away(1);
    JobSource source =
        snapshot("entry_points: {main: {parameters: {data: path}, command: 'cat {data}'}}");
    Prepared prepared = prepare(source, Map.of("data", uri), 1);
    Path file = folder.resolve("job/parameters/param_0/data.csv");
    assertThat(prepared.command().getLast()).isEqualTo("cat " + file);
    assertThat(file).hasContent("1,2\n");
    assertThat(notes)
        .containsExactly(
            "[millrace: fetching p]",
            "[millrace: downloading %s]".formatted(uri),
            "[millrace: tried again in 1.0 s: 127.0.0.1 answered 503]");
  }

  @Test
  void aContainerGetsTheFilesOfParametersWithTheCode() throws Exception {
    String uri = away(0);
    String project = "entry_points: {main: {parameters: {data: path}, command: 'cat {data}'}}";
    Containers containers = new Containers("image:1", Map.of(), Volumes.NONE);
    Prepared prepared = prepare(snapshot(project), Map.of("data", uri), 0, containers);
    // What begins with the folder is where the folder is, in the container.
    Path file = prepared.folder().resolve(".millrace-parameters/param_0/data.csv");
    assertThat(prepared.folder()).isEqualTo(folder.resolve("job/code"));
    assertThat(prepared.command().getLast()).isEqualTo("cat " + file);
    assertThat(file).hasContent("1,2\n");
    assertThat(prepared.params()).isEqualTo(Map.of("data", uri));
    FolderTree.delete(folder.resolve("job"));
    JobSource hostile = snapshot(project, ".millrace-parameters");
    assertThatThrownBy(() -> prepare(hostile, Map.of("data", uri), 0, containers))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "The project has a '.millrace-parameters', where the files of its parameters would"
                + " be.");
  }

  @Test
  void aRepositoryIsAskedForAgainAndNotForEver() {
    String uri = away(10);
    assertThatThrownBy(() -> prepare(new JobSource.Git(uri, null, null), Map.of(), 1))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPORARILY_UNAVAILABLE))
        .hasMessageContaining("503");
    assertThat(asked).hasValue(2);
    assertThat(notes)
        .hasSize(2)
        .last()
        .asString()
        .startsWith("[millrace: tried again in 1.0 s: The Git repository " + uri);
  }
}
