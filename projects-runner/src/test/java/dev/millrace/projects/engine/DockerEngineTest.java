package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real containers, of the daemon that {@code DOCKER_HOST} names. */
@SuppressWarnings("NullAway.Init") // By connect().
final class DockerEngineTest extends EngineContract {

  private static DockerClient client;

  private final List<DockerEngine> engines = new ArrayList<>();

  @BeforeAll
  static void connect() throws Exception {
    client = Docker.client();
  }

  @AfterAll
  static void disconnect() throws IOException {
    if (client != null) {
      client.close();
    }
  }

  @Override
  void release() {
    engines.forEach(DockerEngine::close);
  }

  private DockerSettings settings(String host, DockerSettings.Pull pull, String user, long log) {
    return new DockerSettings(
        host,
        pull,
        Duration.ofSeconds(20),
        Duration.ofSeconds(5),
        "none",
        user,
        64,
        1 << 20,
        "",
        GRACE,
        log,
        folder.resolve("attempts"));
  }

  @Override
  DockerEngine engine(long logMaxBytes) {
    return engine(settings("", DockerSettings.Pull.MISSING, "", logMaxBytes));
  }

  private DockerEngine engine(DockerSettings settings) {
    DockerEngine made = DockerEngine.open(settings);
    engines.add(made);
    return made;
  }

  @Override
  Launch launch(String name, List<String> command, Map<String, String> environment) {
    return launch(name, command, environment, List.of(Docker.PROGRAMS), Resources.ANY);
  }

  private Launch launch(
      String name,
      List<String> command,
      Map<String, String> environment,
      List<Volume> volumes,
      Resources resources) {
    Map<String, String> all = new HashMap<>(environment);
    return new Launch(name, command, code(), all, Docker.IMAGE, volumes, null, resources, null);
  }

  private Path code() {
    try {
      return Files.createDirectories(folder.resolve("code"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  boolean isGone(String name) {
    return found(name) == null;
  }

  @Override
  String ownVariables() {
    return "|HOME|HOSTNAME";
  }

  private static InspectContainerResponse container(String name) {
    return Objects.requireNonNull(found(name));
  }

  private static @Nullable InspectContainerResponse found(String name) {
    try {
      return client.inspectContainerCmd("millrace-" + name).exec();
    } catch (NotFoundException e) {
      return null;
    }
  }

  private Map<String, String> labels(String name) throws IOException {
    String installation = engine.site().substring(engine.site().lastIndexOf('/') + 1);
    return Map.of("millrace.dev/installation", installation, "millrace.dev/attempt", name);
  }

  /** A container as a runner leaves it that is killed when it has made it. */
  private void makeContainer(Launch launch) throws IOException {
    var _ =
        new DockerTemplate(settings("", DockerSettings.Pull.MISSING, "", 1 << 20))
            .fill(client, "millrace-" + launch.name(), labels(launch.name()), launch)
            .exec();
  }

  private void putCode(Launch launch) throws IOException {
    Path file = folder.resolve("code.tar.gz");
    CodeArchive.packShared(launch.folder(), "code", ".millrace", file);
    try (InputStream code = Files.newInputStream(file)) {
      var _ =
          client
              .copyArchiveToContainerCmd("millrace-" + launch.name())
              .withRemotePath("/mlflow/projects")
              .withTarInputStream(code)
              .exec();
    }
  }

  @Test
  void theContainerHasTheCodeAndNoRights() throws Exception {
    Files.writeString(code().resolve("data.csv"), "1,2\n");
    start(
        "a",
        "pwd; cat data.csv; echo new >data.csv; cat data.csv; grep -E '^(CapEff|NoNewPrivs)'"
            + " /proc/self/status; touch /usr/x 2>/dev/null || echo read-only; sleep 60");
    awaitLog("a", "read-only");
    assertThat(engine.log("a", 0, 1000).text())
        .isEqualTo(
            """
            /mlflow/projects/code
            1,2
            new
            CapEff:\t0000000000000000
            NoNewPrivs:\t1
            read-only
            """);
    HostConfig host = container("a").getHostConfig();
    assertThat(host.getPrivileged()).isFalse();
    assertThat(host.getCapDrop()).containsExactly(Capability.ALL);
    assertThat(host.getSecurityOpts()).contains("no-new-privileges");
    assertThat(host.getPidsLimit()).isEqualTo(64);
    assertThat(host.getNetworkMode()).isEqualTo("none");
    assertThat(host.getRestartPolicy().getName()).isIn("", "no");
    assertThat(host.getBinds()).isNullOrEmpty();
    assertThat(container("a").getMounts()).hasSize(1);
  }

  @Test
  void filesThatTheCommandNamesAreThoseInTheContainer() throws Exception {
    Files.writeString(code().resolve("x.csv"), "1\n");
    engine.start(
        launch("a", List.of("sh", "-c", "cat '" + code().resolve("x.csv") + "'"), Map.of()));
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("1\n");
  }

  @Test
  void anotherUserMayWriteWhereTheCodeIs() throws Exception {
    Files.createDirectory(code().resolve("sub"));
    engine = engine(settings("", DockerSettings.Pull.MISSING, "1234:1235", 1 << 20));
    start("a", "id -u; id -g; echo x >new; echo x >sub/new; cat new sub/new");
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("1234\n1235\nx\nx\n");
  }

  @Test
  void whatItNeedsIsItsLimit() throws Exception {
    engine.start(
        launch(
            "a",
            List.of("sh", "-c", "echo begun; tail /dev/zero; echo not reached; exit 0"),
            Map.of(),
            List.of(Docker.PROGRAMS),
            new Resources(0.5, 32L << 20, null)));
    HostConfig host = container("a").getHostConfig();
    assertThat(host.getNanoCPUs()).isEqualTo(500_000_000);
    assertThat(host.getMemory()).isEqualTo(32 << 20);
    assertThat(host.getMemorySwap()).isEqualTo(32 << 20);
    ended("a");
    engine.end("a");
    assertThat(engine.log("a", 0, 1000).text())
        .startsWith("begun\n")
        .contains("[millrace: it took more memory than it may, and was killed]\n");
  }

  @Test
  void killedByTheKernelItHasTheCodeOfThatSignal() throws Exception {
    engine.start(
        launch(
            "a",
            List.of("tail", "/dev/zero"),
            Map.of(),
            List.of(Docker.PROGRAMS),
            new Resources(null, 32L << 20, null)));
    assertThat(ended("a").exitCode()).isEqualTo(137);
  }

  @Test
  void whatCannotBeHadIsRefusedAndStartsNothing() {
    Launch launch =
        launch(
            "a",
            List.of("true"),
            Map.of(),
            List.of(Docker.PROGRAMS),
            new Resources(100_000d, null, null));
    assertThatThrownBy(() -> engine.start(launch))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("Docker refuses")
        .hasMessageContaining("CPUs");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  void anImageWithoutAShellCannotBeStarted() throws Exception {
    Launch launch = launch("a", List.of("true"), Map.of(), List.of(), Resources.ANY);
    assertThatThrownBy(() -> engine.start(launch))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("\"sh\"");
    assertThat(isGone("a")).isTrue();
    assertThat(engine.bar("a")).isEqualTo(new Status.Ended(null));
    assertThat(engine.log("a", 0, 1000).text()).contains("the container cannot be started");
  }

  @Test
  void anImageIsKnownByItsId() throws Exception {
    String id = Objects.requireNonNull(client.inspectImageCmd(Docker.IMAGE).exec().getId());
    assertThat(engine.provide("a", Docker.IMAGE)).isEqualTo(id).startsWith("sha256:");
    assertThat(engine.provide("a", id)).isEqualTo(id);
    assertThat(engine.log("a", 0, 1000).text()).contains("[millrace: the image is " + id);
  }

  @Test
  void anImageThatCannotBeHadIsAnError() {
    DockerEngine never = engine(settings("", DockerSettings.Pull.NEVER, "", 1 << 20));
    assertThatThrownBy(() -> never.provide("a", "millrace-test/none:1"))
        .isNotInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("millrace-test/none:1 is not there");
    assertThatThrownBy(() -> engine.provide("a", "registry.invalid/none"))
        .isNotInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("registry.invalid/none cannot be pulled: ");
    DockerEngine always = engine(settings("", DockerSettings.Pull.ALWAYS, "", 1 << 20));
    assertThatThrownBy(() -> always.provide("a", "registry.invalid/none:1"))
        .hasMessageContaining("cannot be pulled");
  }

  @Test
  void aNameThatSomebodyElseHasIsLeftAlone() throws Exception {
    String other =
        client.createContainerCmd(Docker.IMAGE).withName("millrace-a").withCmd("sh").exec().getId();
    try {
      assertThatThrownBy(() -> start("a", "true"))
          .hasMessageContaining("Docker has another container millrace-a");
      assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
      engine.end("a");
      engine.forget("a");
      assertThat(container("a").getId()).isEqualTo(other);
    } finally {
      var _ = client.removeContainerCmd(other).exec();
    }
  }

  @Test
  void killedBeforeItWasDecidedItIsNotStarted() throws Exception {
    Launch launch = launch("a", List.of("sh", "-c", "echo ran"), Map.of());
    makeContainer(launch);
    assertThat(engine.status("a")).isEqualTo(new Status.NotStarted());
    assertThat(engine.names()).containsExactly("a");
    assertThat(engine.bar("a")).isEqualTo(new Status.NotStarted());
    assertThat(isGone("a")).isTrue();
    // The one that was thought to be gone comes back.
    assertThatThrownBy(() -> engine.start(launch)).hasMessageContaining("given up");
    assertThat(isGone("a")).isTrue();
    // Its last request reaches the daemon only now.
    makeContainer(launch);
    assertThat(engine.status("a")).isEqualTo(new Status.NotStarted());
    engine.forget("a");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  void killedBehindTheDecisionItIsStartedByWhoFindsIt() throws Exception {
    Launch launch = launch("a", List.of("sh", "-c", "echo ran; exit 3"), Map.of());
    makeContainer(launch);
    putCode(launch);
    assertThat(new OnceFile(folder.resolve("attempts/a/decision")).create("start")).isTrue();
    assertThat(engine.bar("a")).isNotEqualTo(new Status.NotStarted());
    assertThat(ended("a").exitCode()).isEqualTo(3);
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("ran\n");
  }

  @Test
  void madeAlreadyItIsUsed() throws Exception {
    Launch launch = launch("a", List.of("sh", "-c", "echo ran"), Map.of());
    makeContainer(launch);
    engine.start(launch);
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("ran\n");
  }

  @Test
  void aContainerThatIsStartedAgainRunsNothing() throws Exception {
    start("a", "echo ran; exit 7");
    assertThat(ended("a").exitCode()).isEqualTo(7);
    var _ = client.startContainerCmd("millrace-a").exec();
    assertThat(ended("a").exitCode()).isEqualTo(7);
    engine.end("a");
    assertThat(ended("a").exitCode()).isEqualTo(7);
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("ran\n");
  }

  @Test
  void aContainerThatSomebodyRemovedWasStartedAllTheSame() throws Exception {
    start("a", "echo begun; sleep 60");
    awaitLog("a", "begun");
    var _ = client.removeContainerCmd("millrace-a").withForce(true).exec();
    assertThat(ended("a").exitCode()).isNull();
    assertThat(engine.bar("a")).isEqualTo(new Status.Ended(null));
    assertThat(isGone("a")).isTrue();
    assertThat(engine.log("a", 0, 100).text()).isEqualTo("begun\n");
  }

  @Test
  void aLogGoesOnWhereTheLastProcessHasLeftIt() throws Exception {
    start("a", "for i in $(seq 30); do echo $i; sleep 0.05; done");
    awaitLog("a", "5\n");
    ((DockerEngine) engine).close();
    TimeUnit.MILLISECONDS.sleep(300);
    engine = engine(1 << 20);
    assertThat(engine.bar("a")).isEqualTo(new Status.Running());
    assertThat(ended("a").exitCode()).isZero();
    assertThat(engine.log("a", 0, 1000).text().lines())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 30).mapToObj(i -> "" + i).toList());
  }

  @Test
  void whatWasPrintedWhileNobodyWatchedComesWhenItHasEnded() throws Exception {
    start("a", "sleep 0.5; seq 1000; exit 2");
    ((DockerEngine) engine).close();
    TimeUnit.SECONDS.sleep(2);
    engine = engine(1 << 20);
    assertThat(engine.bar("a")).isEqualTo(new Status.Ended(2));
    assertThat(engine.log("a", 0, 10_000).text().lines()).hasSize(1000);
  }

  @Test
  void aLongLineIsOneLine() throws Exception {
    start("a", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end");
    ended("a");
    assertThat(engine.log("a", 0, 200_000).text()).isEqualTo("x".repeat(100_000) + "\nend\n");
  }

  @Test
  void installationsKeepApart() throws Exception {
    start("a", "sleep 60");
    DockerEngine other =
        engine(
            new DockerSettings(
                "",
                DockerSettings.Pull.NEVER,
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                "none",
                "",
                64,
                1 << 20,
                "",
                GRACE,
                1000,
                folder.resolve("other")));
    assertThat(other.site()).startsWith("docker/").isNotEqualTo(engine.site());
    assertThat(other.names()).isEmpty();
    other.end("a");
    assertThat(engine.status("a")).isEqualTo(new Status.Running());
  }

  @Test
  void aDaemonThatDoesNotAnswerSaysNothing() throws Exception {
    DockerEngine away =
        engine(
            settings(
                "unix://" + folder.resolve("none.sock"), DockerSettings.Pull.MISSING, "", 1000));
    assertThatThrownBy(away::site).isInstanceOf(EngineUnavailableException.class);
    assertThatThrownBy(() -> away.start(launch("a", List.of("true"), Map.of())))
        .isInstanceOf(EngineUnavailableException.class);
    assertThatThrownBy(() -> away.provide("a", "x")).isInstanceOf(EngineUnavailableException.class);
    assertThat(new OnceFile(folder.resolve("attempts/a/decision")).create("start")).isTrue();
    assertThatThrownBy(() -> away.bar("a")).isInstanceOf(EngineUnavailableException.class);
    assertThatThrownBy(() -> away.status("a")).isInstanceOf(EngineUnavailableException.class);
  }
}
