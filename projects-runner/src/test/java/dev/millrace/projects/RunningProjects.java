package dev.millrace.projects;

import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.GetJobLogsRequest;
import dev.millrace.proto.GetJobLogsResponse;
import dev.millrace.proto.GetJobRequest;
import dev.millrace.proto.GitSource;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobParameter;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.JobSource;
import dev.millrace.proto.ScheduleServiceGrpc;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A runner as one of the processes on a database. Its jobs are scripts for {@code sh}, in the
 * parameter {@code script}.
 */
final class RunningProjects implements AutoCloseable {

  final ProjectsRunner service;
  final JobServiceGrpc.JobServiceBlockingStub jobs;
  final ScheduleServiceGrpc.ScheduleServiceBlockingStub schedules;
  private final ManagedChannel channel;

  /** Settings that tests change. */
  record Settings(int maxRunning, int perUser, int leaseSeconds, String host, String engine) {

    static final Settings DEFAULT = new Settings(4, 0, 2, "here", "local");

    Settings withMaxRunning(int count) {
      return new Settings(count, perUser, leaseSeconds, host, engine);
    }

    Settings withPerUser(int count) {
      return new Settings(maxRunning, count, leaseSeconds, host, engine);
    }

    Settings withHost(String name) {
      return new Settings(maxRunning, perUser, leaseSeconds, name, engine);
    }

    Settings withEngine(String name) {
      return new Settings(maxRunning, perUser, leaseSeconds, host, name);
    }

    ProjectsConfiguration configuration(
        String databaseUrl, String listen, String trackingStore, Path folder) {
      return new ProjectsConfiguration(
          engine,
          databaseUrl,
          listen,
          trackingStore,
          8,
          "http://127.0.0.1:1",
          folder.toString(),
          folder.resolve("snapshots").toString(),
          1000,
          30,
          host,
          maxRunning,
          perUser,
          0,
          leaseSeconds,
          1,
          100_000,
          30,
          "",
          "https",
          "*",
          false,
          "",
          "",
          "",
          "",
          "");
    }
  }

  RunningProjects(
      String databaseUrl, String trackingStore, Path folder, Settings settings, Preparer preparer) {
    this(databaseUrl, trackingStore, folder, settings, docker("none"), kubernetes(""), preparer);
  }

  RunningProjects(
      String databaseUrl,
      String trackingStore,
      Path folder,
      Settings settings,
      DockerConfiguration docker,
      KubernetesConfiguration kubernetes,
      Preparer preparer) {
    String listen = "in-process:" + UUID.randomUUID();
    service =
        new ProjectsRunner(
            settings.configuration(databaseUrl, listen, trackingStore, folder),
            docker,
            kubernetes,
            preparer,
            (_, _) -> new Inspector.Inspection("", Map.of(), null));
    service.start();
    channel = Target.parse(listen).connect();
    jobs = JobServiceGrpc.newBlockingStub(channel);
    schedules = ScheduleServiceGrpc.newBlockingStub(channel);
  }

  /** The settings of the daemon that {@code DOCKER_HOST} names. */
  static DockerConfiguration docker(String network) {
    return docker("", network);
  }

  /** The settings of a daemon that counts as away when it says nothing for a second. */
  static DockerConfiguration docker(String host, String network) {
    return new DockerConfiguration(host, "", "missing", 5, 1, network, "", "", 256, 1 << 20);
  }

  /** The settings of a cluster with this API server. */
  static KubernetesConfiguration kubernetes(String apiUrl) {
    return new KubernetesConfiguration(
        apiUrl, "", "jobs", "millrace", "", "", "curl:1", "nvidia.com/gpu", 3600);
  }

  /** Runs the script that is in the parameter {@code script}. */
  static Prepared script(JobRow job, Path folder, Preparer.Notes notes) throws java.io.IOException {
    notes.add("prepared");
    return new Prepared(
        List.of("sh", "-c", job.spec().parameters().getOrDefault("script", "")),
        folder,
        Map.of(),
        null,
        List.of(),
        job.spec().parameters(),
        Map.of("mlflow.project.env", "uv"));
  }

  static CreateJobRequest.Builder request(String script) {
    return CreateJobRequest.newBuilder()
        .setSource(
            JobSource.newBuilder().setGit(GitSource.newBuilder().setUri("https://example.com/p")))
        .addParameters(JobParameter.newBuilder().setKey("script").setValue(script));
  }

  Job submit(String script) {
    return jobs.createJob(request(script).build()).getJob();
  }

  Job get(String jobId) {
    return jobs.getJob(GetJobRequest.newBuilder().setJobId(jobId).build()).getJob();
  }

  Job cancel(String jobId) {
    return jobs.cancelJob(CancelJobRequest.newBuilder().setJobId(jobId).build()).getJob();
  }

  Job await(String jobId, String state) {
    return await(jobId, List.of(state));
  }

  Job await(String jobId, List<String> states) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    Job job = get(jobId);
    while (!states.contains(job.getState())) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Still " + job);
      }
      sleep();
      job = get(jobId);
    }
    return job;
  }

  /** What of a log is there now. */
  String log(String jobId, long offset) {
    return jobs.getJobLogs(GetJobLogsRequest.newBuilder().setJobId(jobId).setOffset(offset).build())
        .getText();
  }

  /** All of a log, when it has come to its end. */
  String log(String jobId) {
    StringBuilder text = new StringBuilder();
    long offset = 0;
    GetJobLogsResponse piece;
    do {
      piece =
          jobs.getJobLogs(
              GetJobLogsRequest.newBuilder()
                  .setJobId(jobId)
                  .setOffset(offset)
                  .setWaitSeconds(5)
                  .build());
      text.append(piece.getText());
      offset = piece.getNextOffset();
    } while (!piece.getEnd());
    return text.toString();
  }

  static void sleep() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    service.stop();
  }
}
