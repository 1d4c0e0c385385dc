package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.grpc.Target;
import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.proto.DownloadJobCodeRequest;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.testing.H2;
import dev.millrace.tracking.TrackingStore;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of the queue in a cluster, whose controllers are played by the test. */
@EnableKubernetesMockClient(crud = true, https = false)
@Timeout(120)
@SuppressWarnings("NullAway.Init") // By the extension.
final class KubernetesJobTest {

  KubernetesMockServer server;
  KubernetesClient client;

  @TempDir Path folder;

  private final String databaseUrl = H2.inMemory();
  private String trackingStore;
  private ApplicationContext tracking;
  private ManagedChannel channel;
  private RunServiceGrpc.RunServiceBlockingStub runs;

  @BeforeEach
  void open() {
    trackingStore = "in-process:" + UUID.randomUUID();
    tracking =
        ApplicationContext.run(
            Map.of(
                "millrace.tracking-store.database-url",
                H2.inMemory(),
                "millrace.tracking-store.listen",
                trackingStore),
            "tracking-store");
    tracking.getBean(TrackingStore.class);
    channel = Target.parse(trackingStore).connect();
    runs = RunServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    tracking.close();
  }

  private RunningProjects start() {
    return new RunningProjects(
        databaseUrl,
        trackingStore,
        folder,
        Settings.DEFAULT.withEngine("kubernetes"),
        RunningProjects.docker("none"),
        RunningProjects.kubernetes(server.url("/")),
        (job, code, notes) -> {
          Prepared script = RunningProjects.script(job, code, notes);
          return new Prepared(
              script.command(),
              script.folder(),
              Map.of("OTHER", "1"),
              "python:3",
              List.of(),
              script.params(),
              script.tags());
        });
  }

  private io.fabric8.kubernetes.api.model.batch.v1.Job jobOf(Job job) {
    while (true) {
      var found = jobs().stream().filter(j -> j.getMetadata().getName().contains(job.getJobId()));
      var first = found.findFirst();
      if (first.isPresent()) {
        return first.get();
      }
      RunningProjects.sleep();
    }
  }

  private List<io.fabric8.kubernetes.api.model.batch.v1.Job> jobs() {
    return client.batch().v1().jobs().inNamespace("jobs").list().getItems();
  }

  private void finish(io.fabric8.kubernetes.api.model.batch.v1.Job job, int exitCode) {
    var _ =
        client
            .pods()
            .inNamespace("jobs")
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withName("pod-1")
                    .withNamespace("jobs")
                    .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
                    .endMetadata()
                    .withNewStatus()
                    .addNewContainerStatus()
                    .withName("project")
                    .withNewState()
                    .withNewTerminated()
                    .withExitCode(exitCode)
                    .endTerminated()
                    .endState()
                    .endContainerStatus()
                    .endStatus()
                    .build())
            .create();
    var _ =
        client
            .batch()
            .v1()
            .jobs()
            .inNamespace("jobs")
            .resource(
                new JobBuilder(job)
                    .withNewStatus()
                    .addNewCondition()
                    .withType(exitCode == 0 ? "Complete" : "Failed")
                    .withStatus("True")
                    .endCondition()
                    .endStatus()
                    .build())
            .updateStatus();
  }

  private void prints(String text) {
    String log = "/api/v1/namespaces/jobs/pods/pod-1/log?pretty=false&container=project";
    for (String since : List.of("", "&sinceTime=2026-11-26T01:00:01Z")) {
      server
          .expect()
          .get()
          .withPath(log + since + "&timestamps=true")
          .andReturn(200, text)
          .always();
    }
  }

  private RunStatus status(Job job) {
    return runs.getRun(GetRunRequest.newBuilder().setRunId(job.getRunId()).build())
        .getRun()
        .getInfo()
        .getStatus();
  }

  @Test
  void aJobRunsAndItsRunTellsHow() {
    prints("2026-11-26T01:00:01Z hello\n");
    try (RunningProjects runner = start()) {
      Job job = runner.submit("true");
      var there = jobOf(job);
      runner.await(job.getJobId(), "RUNNING");
      assertThat(status(job)).isEqualTo(RunStatus.RUNNING);
      assertThat(there.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv())
          .anyMatch(v -> v.getName().equals("MLFLOW_RUN_ID") && v.getValue().equals(job.getRunId()))
          .anyMatch(v -> v.getName().equals("OTHER"))
          .noneMatch(v -> v.getName().equals("PATH") || v.getName().equals("HOME"));
      assertThat(there.getSpec().getTemplate().getSpec().getInitContainers().getFirst().getEnv())
          .anyMatch(
              v ->
                  ("http://127.0.0.1:1/api/2.0/millrace/projects/jobs/" + job.getJobId() + "/code")
                      .equals(v.getValue()));
      var request = DownloadJobCodeRequest.newBuilder().setJobId(job.getJobId()).build();
      assertThat(runner.jobs.downloadJobCode(request).next().getData().isEmpty()).isFalse();
      finish(there, 3);
      Job ended = runner.await(job.getJobId(), "FAILED");
      assertThat(ended.getExitCode()).isEqualTo(3);
      assertThat(status(job)).isEqualTo(RunStatus.FAILED);
      assertThat(runner.log(job.getJobId())).isEqualTo("prepared\nhello\n");
      Assertions.assertThatThrownBy(() -> runner.jobs.downloadJobCode(request).next())
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("has no code to download");
    }
  }

  @Test
  void theNextRunnerFindsIt() {
    Job job;
    try (RunningProjects first = start()) {
      job = first.submit("true");
      var _ = jobOf(job);
      first.await(job.getJobId(), "RUNNING");
    }
    try (RunningProjects second = start()) {
      finish(jobOf(job), 0);
      Job ended = second.await(job.getJobId(), "FINISHED");
      assertThat(ended.getAttempts()).isEqualTo(1);
      assertThat(jobs()).hasSize(1);
    }
  }

  @Test
  void cancelledItIsDeleted() {
    try (RunningProjects runner = start()) {
      Job job = runner.submit("true");
      var _ = jobOf(job);
      runner.await(job.getJobId(), "RUNNING");
      runner.cancel(job.getJobId());
      runner.await(job.getJobId(), "KILLED");
      assertThat(status(job)).isEqualTo(RunStatus.KILLED);
      assertThat(jobs()).isEmpty();
    }
  }

  @Test
  void anApiServerThatIsAwayFailsNoJob() {
    try (RunningProjects runner = start()) {
      Job job = runner.submit("true");
      var there = jobOf(job);
      runner.await(job.getJobId(), "RUNNING");
      server
          .expect()
          .get()
          .withPath(
              "/apis/batch/v1/namespaces/jobs/jobs?labelSelector=millrace.dev%2Finstallation%3Dmillrace")
          .andReturn(503, "away")
          .times(3);
      finish(there, 0);
      runner.await(job.getJobId(), "FINISHED");
    }
  }
}
