package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.projects.engine.Docker;
import dev.millrace.projects.engine.DockerGate;
import dev.millrace.proto.Job;
import dev.millrace.proto.RunStatus;
import dev.millrace.testing.H2;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of the queue in real containers, of the daemon that {@code DOCKER_HOST} names. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // By connect() and open().
final class DockerJobTest {

  private static DockerClient client;

  @TempDir Path folder;

  private final String databaseUrl = H2.inMemory();
  private RunningTracking tracking;

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

  @BeforeEach
  void open() {
    tracking = new RunningTracking();
  }

  @AfterEach
  void close() {
    tracking.close();
  }

  private RunningProjects start() {
    return start(Docker.IMAGE, "host");
  }

  private RunningProjects start(String image, String network) {
    return start(image, RunningProjects.docker(network));
  }

  private RunningProjects start(String image, DockerConfiguration docker) {
    return new RunningProjects(
        databaseUrl,
        tracking.target,
        folder,
        Settings.DEFAULT.withEngine("docker"),
        docker,
        RunningProjects.kubernetes(""),
        (job, code, notes) -> {
          Prepared script = RunningProjects.script(job, code, notes);
          return new Prepared(
              script.command(),
              script.folder(),
              Map.of("OTHER", "1"),
              image,
              List.of(Docker.PROGRAMS),
              Map.of(),
              script.tags());
        });
  }

  private static List<Container> containers(Job job) {
    return client
        .listContainersCmd()
        .withShowAll(true)
        .withNameFilter(List.of("millrace-" + job.getJobId()))
        .exec();
  }

  private RunStatus status(Job job) {
    return tracking.run(job.getRunId()).getInfo().getStatus();
  }

  @Test
  void aJobRunsAndItsRunTellsHow() {
    try (RunningProjects runner = start()) {
      Job job = runner.submit("env | sort; exit 3");
      Job ended = runner.await(job.getJobId(), "FAILED");
      assertThat(ended.getExitCode()).isEqualTo(3);
      assertThat(status(job)).isEqualTo(RunStatus.FAILED);
      assertThat(runner.log(job.getJobId()))
          .startsWith("prepared\n[millrace: the image is sha256:")
          .contains("\nMLFLOW_RUN_ID=" + job.getRunId() + "\n")
          .contains("\nMLFLOW_TRACKING_URI=http://127.0.0.1:1\n")
          .contains("\nOTHER=1\n")
          .contains("\nMLFLOW_TRACKING_TOKEN=")
          .doesNotContain("DOCKER_");
      String id = client.inspectImageCmd(Docker.IMAGE).exec().getId();
      assertThat(tracking.tags(job.getRunId())).containsEntry("mlflow.docker.image.id", id);
      assertThat(containers(job)).isEmpty();
    }
  }

  @Test
  void theNextRunnerFindsIt() {
    Job job;
    try (RunningProjects first = start()) {
      job = first.submit("echo begun; sleep 3; echo over");
      first.await(job.getJobId(), "RUNNING");
    }
    assertThat(containers(job)).hasSize(1);
    try (RunningProjects second = start()) {
      Job ended = second.await(job.getJobId(), "FINISHED");
      assertThat(ended.getAttempts()).isEqualTo(1);
      assertThat(second.log(job.getJobId())).endsWith("\nbegun\nover\n");
    }
  }

  @Test
  void whatEndedMeanwhileIsFoundWithItsCode() {
    Job job;
    try (RunningProjects first = start()) {
      job = first.submit("sleep 1; echo over; exit 4");
      first.await(job.getJobId(), "RUNNING");
    }
    while (!containers(job).getFirst().getState().equals("exited")) {
      RunningProjects.sleep();
    }
    try (RunningProjects second = start()) {
      assertThat(second.await(job.getJobId(), "FAILED").getExitCode()).isEqualTo(4);
      assertThat(second.log(job.getJobId())).endsWith("\nover\n");
      assertThat(containers(job)).isEmpty();
    }
  }

  @Test
  void cancelledItIsToldAndGone() {
    try (RunningProjects runner = start()) {
      Job job =
          runner.submit("trap 'echo told; exit' TERM; echo ready; while :; do sleep 0.1; done");
      runner.await(job.getJobId(), "RUNNING");
      while (containers(job).isEmpty()) {
        RunningProjects.sleep();
      }
      RunningProjects.sleep();
      runner.cancel(job.getJobId());
      runner.await(job.getJobId(), "KILLED");
      assertThat(status(job)).isEqualTo(RunStatus.KILLED);
      assertThat(containers(job)).isEmpty();
    }
  }

  /** What was asked for while it stood still reaches it late, and nobody wants the answers. */
  @Test
  void aDaemonThatStandsStillIsWaitedFor() throws Exception {
    try (DockerGate gate = DockerGate.before(folder.resolve("gate"));
        RunningProjects runner = start(Docker.IMAGE, RunningProjects.docker(gate.host(), "host"))) {
      Job first = runner.submit("echo begun; sleep 3; echo over; exit 4");
      runner.await(first.getJobId(), "RUNNING");
      while (!runner.log(first.getJobId(), 0).contains("begun")) {
        RunningProjects.sleep();
      }
      gate.shut();
      Job second = runner.submit("echo second");
      Job third = runner.submit("true");
      runner.await(second.getJobId(), "PREPARING");
      runner.await(third.getJobId(), "PREPARING");
      TimeUnit.SECONDS.sleep(5);
      assertThat(runner.get(first.getJobId()).getState()).isEqualTo("RUNNING");
      assertThat(runner.get(second.getJobId()).getState()).isEqualTo("PREPARING");
      runner.cancel(third.getJobId());
      runner.await(third.getJobId(), "KILLED");
      gate.open();
      assertThat(runner.await(first.getJobId(), "FAILED").getExitCode()).isEqualTo(4);
      assertThat(runner.log(first.getJobId())).endsWith("\nbegun\nover\n");
      Job ended = runner.await(second.getJobId(), "FINISHED");
      assertThat(ended.getAttempts()).isEqualTo(1);
      assertThat(runner.log(second.getJobId())).endsWith("\nsecond\n");
      assertThat(containers(first)).isEmpty();
      assertThat(containers(second)).isEmpty();
    }
  }

  @Test
  void anImageThatCannotBeHadFailsTheJob() {
    try (RunningProjects runner = start("registry.invalid/none:1", "host")) {
      Job job = runner.submit("true");
      Job ended = runner.await(job.getJobId(), "FAILED");
      assertThat(ended.getMessage()).contains("The image registry.invalid/none:1 cannot be pulled");
      assertThat(runner.log(job.getJobId()))
          .contains("[millrace: pulling the image registry.invalid/none:1]");
      assertThat(status(job)).isEqualTo(RunStatus.FAILED);
    }
  }

  @Test
  void aServerThatContainersCannotReachDoesNotStart() {
    assertThatThrownBy(() -> start(Docker.IMAGE, "bridge"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot reach this server at http://127.0.0.1:1")
        .hasMessageContaining("docker-network");
  }
}
