package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.access.Access;
import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.projects.engine.Launch;
import dev.millrace.projects.engine.LocalEngine;
import dev.millrace.projects.engine.Resources;
import dev.millrace.proto.AuthenticateJobRequest;
import dev.millrace.proto.AuthenticateJobResponse;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetJobLogsRequest;
import dev.millrace.proto.GetJobLogsResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GitSource;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobConfig;
import dev.millrace.proto.JobParameter;
import dev.millrace.proto.JobSource;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.ListJobsResponse;
import dev.millrace.proto.RetryJobRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SnapshotSource;
import dev.millrace.testing.H2;
import dev.millrace.testing.Together;
import dev.millrace.tracking.TrackingStore;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs from their submission to their end, with a real tracking store and real processes, also when
 * runners are gone in between. What a killed runner leaves is made as it is written down: a row
 * whose lease has ended, and a process or none.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class JobContract {

  private ApplicationContext tracking;
  private ManagedChannel trackingChannel;
  private RunServiceGrpc.RunServiceBlockingStub runs;
  private ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments;
  private String trackingStore;
  private String databaseUrl;
  private Database database;
  private Path folder;
  private final List<RunningProjects> runners = new ArrayList<>();
  private final JobStore store = new JobStore();
  private final QueueStore queue = new QueueStore();

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeAll
  final void openTracking() {
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
    trackingChannel = Target.parse(trackingStore).connect();
    runs = RunServiceGrpc.newBlockingStub(trackingChannel);
    experiments = ExperimentServiceGrpc.newBlockingStub(trackingChannel);
  }

  @AfterAll
  final void closeTracking() {
    trackingChannel.shutdownNow();
    tracking.close();
  }

  @BeforeEach
  final void open(@TempDir Path temporary) {
    folder = temporary;
    databaseUrl = newDatabase();
    database = Database.open("projects-runner", DatabaseUrl.parse(databaseUrl), 4);
  }

  @AfterEach
  final void close() throws Exception {
    runners.forEach(RunningProjects::close);
    runners.clear();
    database.close();
    LocalEngine engine = engine();
    for (String name : engine.names()) {
      engine.end(name);
    }
  }

  private LocalEngine engine() {
    return new LocalEngine(folder.resolve("attempts"), "here", 100_000, Duration.ZERO);
  }

  private RunningProjects start() {
    return start(Settings.DEFAULT);
  }

  private RunningProjects start(Settings settings) {
    return start(settings, RunningProjects::script);
  }

  private RunningProjects start(Settings settings, Preparer preparer) {
    RunningProjects runner =
        new RunningProjects(databaseUrl, trackingStore, folder, settings, preparer);
    runners.add(runner);
    return runner;
  }

  /** One that takes jobs and works on none. */
  private RunningProjects frontDesk() {
    return start(Settings.DEFAULT.withMaxRunning(0).withHost("desk"));
  }

  private void stop(RunningProjects runner) {
    runners.remove(runner);
    runner.close();
  }

  @Test
  final void aJobRunsAndItsRunTellsHow() throws Exception {
    RunningProjects runner = start();
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setSource(
                JobSource.newBuilder()
                    .setSnapshot(
                        SnapshotSource.newBuilder()
                            .setSha256("a".repeat(64))
                            .setSourceName("file:///home/anna/p#sub")
                            .setGitCommit("c0ffee")
                            .setGitRepoUrl("https://example.com/p.git")
                            .setGitBranch("main")))
            .setEntryPoint("train")
            .setRunName("first")
            .addParameters(
                JobParameter.newBuilder().setKey("script").setValue("echo \"$MLFLOW_RUN_ID\"; pwd"))
            .build();
    long before = database.read(JobStore::now);
    Job[] submitted = new Job[1];
    new Caller("anna").context().run(() -> submitted[0] = runner.jobs.createJob(request).getJob());
    assertThat(submitted[0].getRunId()).isNotEmpty();
    assertThat(submitted[0].getUser()).isEqualTo("anna");
    Job job = runner.await(submitted[0].getJobId(), "FINISHED");
    assertThat(job.getExitCode()).isZero();
    assertThat(job.getAttempts()).isEqualTo(1);
    assertThat(job.hasMessage()).isFalse();
    Run run = run(job);
    assertThat(run.getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(run.getInfo().getStartTime()).isEqualTo(job.getCreationTime());
    assertThat(
            List.of(
                before,
                job.getCreationTime(),
                job.getStartTime(),
                run.getInfo().getEndTime(),
                job.getEndTime(),
                database.read(JobStore::now)))
        .as("by the database's clock")
        .isSorted();
    assertThat(run.getInfo().getUserId()).isEqualTo("anna");
    assertThat(run.getInfo().getRunName()).isEqualTo("first");
    assertThat(run.getData().getParamsList())
        .extracting(param -> param.getKey() + "=" + param.getValue())
        .containsExactly("script=echo \"$MLFLOW_RUN_ID\"; pwd");
    assertThat(tags(run))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("mlflow.user", "anna"),
                Map.entry("mlflow.source.name", "file:///home/anna/p#sub"),
                Map.entry("mlflow.source.type", "PROJECT"),
                Map.entry("mlflow.project.entryPoint", "train"),
                Map.entry("mlflow.project.backend", "millrace"),
                Map.entry("mlflow.project.env", "uv"),
                Map.entry("mlflow.source.git.commit", "c0ffee"),
                Map.entry("mlflow.source.git.repoURL", "https://example.com/p.git"),
                Map.entry("mlflow.source.git.branch", "main"),
                Map.entry("mlflow.runName", "first"),
                Map.entry("millrace.job.id", job.getJobId())));
    assertThat(runner.log(job.getJobId()))
        .startsWith("prepared\n" + job.getRunId() + "\n" + folder.resolve("code"));
    try (var left = Files.list(folder.resolve("code"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  final void theCommandGetsWhatItNeedsAndNothingElse() {
    RunningProjects runner = start();
    Job job = runner.submit("env");
    runner.await(job.getJobId(), "FINISHED");
    Map<String, String> environment =
        runner
            .log(job.getJobId())
            .lines()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1)));
    assertThat(environment)
        .containsEntry("MLFLOW_RUN_ID", job.getRunId())
        .containsEntry("MLFLOW_EXPERIMENT_ID", "0")
        .containsEntry("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
        .containsEntry("PATH", System.getenv("PATH"));
    assertThat(environment.keySet())
        .isSubsetOf(
            "MLFLOW_RUN_ID",
            "MLFLOW_EXPERIMENT_ID",
            "MLFLOW_TRACKING_URI",
            "MLFLOW_TRACKING_TOKEN",
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LC_ALL",
            "TZ",
            "TMPDIR",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");
  }

  @Test
  final void aCommandHasATokenAsLongAsItRuns() {
    RunningProjects runner = start();
    Job job =
        runner.submit("echo $MLFLOW_TRACKING_TOKEN; while [ ! -e ../../go ]; do sleep 0.1; done");
    String token = tokenOf(runner, job);
    AuthenticateJobResponse known = authenticate(runner, token);
    assertThat(known.getRunId()).isEqualTo(job.getRunId());
    assertThat(known.hasUser()).isFalse();
    assertThat(
            database.<List<String>>read(
                tx -> tx.query("SELECT token_hash FROM job_attempts", row -> row.string(1))))
        .containsExactly(new JobToken(token).hash())
        .doesNotContain(token);
    touch("go");
    runner.await(job.getJobId(), "FINISHED");
    assertNobodys(runner, token);
    assertNobodys(runner, JobToken.random().text());
  }

  @Test
  final void aTokenOutlivesTheRunnerButNotItsAttempt() {
    RunningProjects first = start();
    Job job =
        first
            .jobs
            .createJob(
                RunningProjects.request(
                        "echo $MLFLOW_TRACKING_TOKEN; while [ ! -e ../../go ]; do sleep 0.1; done;"
                            + " rm ../../go; exit 3")
                    .setConfig(JobConfig.newBuilder().setMaxRetries(1))
                    .build())
            .getJob();
    String token = tokenOf(first, job);
    stop(first);
    RunningProjects second = start();
    assertThat(authenticate(second, token).getRunId()).isEqualTo(job.getRunId());
    touch("go");
    while (second.get(job.getJobId()).getAttempts() < 2) {
      RunningProjects.sleep();
    }
    assertNobodys(second, token);
    String next = tokenOf(second, job);
    assertThat(next).isNotEqualTo(token);
    assertThat(authenticate(second, next).getRunId()).isEqualTo(job.getRunId());
    second.cancel(job.getJobId());
    second.await(job.getJobId(), "KILLED");
    assertNobodys(second, next);
  }

  /** Whoever was told of a token before it was taken back has forgotten it when the run says so. */
  @Test
  final void aRunIsKilledWhenNobodyBelievesItsTokenAnyMore() throws Exception {
    RunningProjects runner = start();
    Job job = runner.submit("echo $MLFLOW_TRACKING_TOKEN; sleep 60");
    String token = tokenOf(runner, job);
    runner.cancel(job.getJobId());
    long believed = System.nanoTime();
    while (status(job) != RunStatus.KILLED) {
      long now = System.nanoTime();
      try {
        authenticate(runner, token);
        believed = now;
      } catch (StatusRuntimeException e) {
        RunningProjects.sleep();
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - believed)).isGreaterThan(JobToken.BELIEVED);
    runner.await(job.getJobId(), "KILLED");
  }

  @Test
  final void aJobHandsInAndEndsJobsBelowItsRun() {
    RunningProjects runner = frontDesk();
    Job above = runner.submit("");
    Job beside = runner.submit("");
    Job[] below = new Job[1];
    new Caller("anna", above.getRunId())
        .context()
        .run(
            () -> {
              below[0] = runner.submit("");
              assertThat(runner.cancel(runner.submit("").getJobId()).getState())
                  .isEqualTo("KILLED");
              assertThat(runner.get(beside.getJobId()).getState()).isEqualTo("QUEUED");
              assertDenied(() -> runner.cancel(beside.getJobId()));
              assertDenied(
                  () ->
                      runner.jobs.retryJob(
                          RetryJobRequest.newBuilder().setJobId(beside.getJobId()).build()));
              assertDenied(
                  () ->
                      runner.jobs.createJob(
                          RunningProjects.request("").setParentRunId(beside.getRunId()).build()));
            });
    assertThat(below[0].getParentRunId()).isEqualTo(above.getRunId());
    assertThat(below[0].getUser()).isEqualTo("anna");
    assertThat(tags(run(below[0]))).containsEntry("mlflow.parentRunId", above.getRunId());
    assertThat(runner.get(beside.getJobId()).getState()).isEqualTo("QUEUED");
  }

  private static String tokenOf(RunningProjects runner, Job job) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    while (System.nanoTime() < end) {
      String log =
          runner
              .jobs
              .getJobLogs(GetJobLogsRequest.newBuilder().setJobId(job.getJobId()).build())
              .getText();
      List<String> tokens = log.lines().filter(JobToken::isOne).toList();
      if (!tokens.isEmpty()) {
        return tokens.getLast();
      }
      RunningProjects.sleep();
    }
    throw new AssertionError("No token in the log");
  }

  private static AuthenticateJobResponse authenticate(RunningProjects runner, String token) {
    return runner.jobs.authenticateJob(AuthenticateJobRequest.newBuilder().setToken(token).build());
  }

  private static void assertNobodys(RunningProjects runner, String token) {
    assertFails(
        ErrorCode.UNAUTHENTICATED,
        "The token is of no job that runs: it has ended, or never was.",
        () -> authenticate(runner, token));
  }

  private static void assertDenied(ThrowingCallable call) {
    assertFails(ErrorCode.PERMISSION_DENIED, Access.refused().text(), call);
  }

  @Test
  final void aCommandThatFailsFailsTheRun() {
    RunningProjects runner = start();
    Job job = runner.await(runner.submit("exit 7").getJobId(), "FAILED");
    assertThat(job.getExitCode()).isEqualTo(7);
    assertThat(job.getMessage()).isEqualTo("The command exited with code 7.");
    assertThat(status(job)).isEqualTo(RunStatus.FAILED);
  }

  @Test
  final void whatCannotBePreparedFailsTheRun() {
    RunningProjects runner =
        start(
            Settings.DEFAULT,
            (_, _, _) -> {
              throw dev.millrace.platform.error.MillraceException.invalidParameter("No project.");
            });
    Job job = runner.await(runner.submit("true").getJobId(), "FAILED");
    assertThat(job.getMessage()).isEqualTo("No project.");
    assertThat(job.hasExitCode()).isFalse();
    assertThat(status(job)).isEqualTo(RunStatus.FAILED);
    assertThat(runner.log(job.getJobId())).isEqualTo("No project.\n");
  }

  @Test
  final void aRunIsScheduledUntilItRuns() {
    RunningProjects runner = start(Settings.DEFAULT.withMaxRunning(1));
    Job first = runner.submit("while [ ! -e " + folder + "/go ]; do sleep 0.02; done");
    runner.await(first.getJobId(), "RUNNING");
    assertThat(status(first)).isEqualTo(RunStatus.RUNNING);
    Job second = runner.submit("true");
    assertThat(second.getState()).isEqualTo("QUEUED");
    assertThat(status(second)).isEqualTo(RunStatus.SCHEDULED);
    touch("go");
    runner.await(first.getJobId(), "FINISHED");
    runner.await(second.getJobId(), "FINISHED");
  }

  @Test
  final void aQueuedJobIsCancelledAtOnce() {
    RunningProjects runner = frontDesk();
    Job job = runner.cancel(runner.submit("true").getJobId());
    assertThat(job.getState()).isEqualTo("KILLED");
    assertThat(job.getAttempts()).isZero();
    assertThat(status(job)).isEqualTo(RunStatus.KILLED);
    assertThat(runner.cancel(job.getJobId())).isEqualTo(job);
  }

  @Test
  final void aJobIsCancelledWhileItIsPrepared() {
    RunningProjects runner =
        start(
            Settings.DEFAULT,
            (job, place, notes) -> {
              notes.add("slow");
              TimeUnit.SECONDS.sleep(60);
              return RunningProjects.script(job, place, notes);
            });
    String id = runner.submit("true").getJobId();
    runner.await(id, "PREPARING");
    assertThat(runner.cancel(id).hasCancelTime()).isTrue();
    assertThat(status(runner.await(id, "KILLED"))).isEqualTo(RunStatus.KILLED);
  }

  @Test
  final void whatFailsAsItIsCancelledIsCancelled() {
    RunningProjects runner =
        start(
            Settings.DEFAULT,
            (_, _, _) -> {
              try {
                TimeUnit.SECONDS.sleep(60);
              } catch (InterruptedException e) {
                // As a library says it that was waiting for a host.
                throw new MillraceException(ErrorCode.TEMPORARILY_UNAVAILABLE, "broken off", e);
              }
              throw new AssertionError("not interrupted");
            });
    String id = runner.submit("true").getJobId();
    runner.await(id, "PREPARING");
    runner.cancel(id);
    Job job = runner.await(id, List.of("KILLED", "FAILED"));
    assertThat(job.getState()).isEqualTo("KILLED");
    assertThat(runner.log(id)).isEmpty();
  }

  @Test
  final void aRunningJobIsCancelledAlsoByAnotherRunner() {
    RunningProjects desk = frontDesk();
    RunningProjects runner = start();
    String id =
        runner.submit("trap 'echo told; exit 3' TERM; while :; do sleep 0.02; done").getJobId();
    runner.await(id, "RUNNING");
    desk.cancel(id);
    Job job = desk.await(id, "KILLED");
    assertThat(job.getExitCode()).isEqualTo(3);
    assertThat(status(job)).isEqualTo(RunStatus.KILLED);
    assertThat(runner.log(id)).startsWith("prepared\n").endsWith("told\n");
  }

  @Test
  final void aJobThatDoesNotListenIsKilled() {
    RunningProjects runner = start();
    String id = runner.submit("trap '' TERM; while :; do sleep 0.02; done").getJobId();
    runner.await(id, "RUNNING");
    runner.cancel(id);
    assertThat(status(runner.await(id, "KILLED"))).isEqualTo(RunStatus.KILLED);
  }

  @Test
  final void aJobThatTakesTooLongIsTimedOut() {
    RunningProjects runner = start();
    Job job =
        runner
            .jobs
            .createJob(
                RunningProjects.request("sleep 60")
                    .setConfig(JobConfig.newBuilder().setTimeoutSeconds(1))
                    .build())
            .getJob();
    job = runner.await(job.getJobId(), "TIMED_OUT");
    assertThat(job.getMessage()).isEqualTo("The command took longer than 1 seconds.");
    assertThat(status(job)).isEqualTo(RunStatus.FAILED);
    assertThat(tags(run(job))).containsEntry("millrace.job.state", "TIMED_OUT");
  }

  @Test
  final void aJobIsTriedAgainAsOftenAsItSays() {
    RunningProjects runner = start();
    String count = "echo x >>" + folder + "/count; [ $(wc -l <" + folder + "/count) -ge 3 ]";
    Job job =
        runner
            .jobs
            .createJob(
                RunningProjects.request(count)
                    .setConfig(JobConfig.newBuilder().setMaxRetries(2))
                    .build())
            .getJob();
    job = runner.await(job.getJobId(), "FINISHED");
    assertThat(job.getAttempts()).isEqualTo(3);
    assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
    assertThat(tags(run(job))).containsEntry("millrace.job.attempt", "3");
    Job failing =
        runner
            .jobs
            .createJob(
                RunningProjects.request("exit 1")
                    .setConfig(JobConfig.newBuilder().setMaxRetries(1))
                    .build())
            .getJob();
    assertThat(runner.await(failing.getJobId(), "FAILED").getAttempts()).isEqualTo(2);
  }

  @Test
  final void aUserTriesAgain() {
    RunningProjects runner = start();
    Job job = runner.await(runner.submit("[ -e " + folder + "/fixed ]").getJobId(), "FAILED");
    touch("fixed");
    RetryJobRequest retry = RetryJobRequest.newBuilder().setJobId(job.getJobId()).build();
    assertThat(runner.jobs.retryJob(retry).getJob().getRunId()).isEqualTo(job.getRunId());
    Job again = runner.await(job.getJobId(), "FINISHED");
    assertThat(again.getAttempts()).isEqualTo(2);
    assertThat(again.hasMessage()).isFalse();
    assertThat(status(again)).isEqualTo(RunStatus.FINISHED);
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Job '%s' is FINISHED: only jobs that are FAILED, KILLED or TIMED_OUT can be tried again."
            .formatted(job.getJobId()),
        () -> runner.jobs.retryJob(retry));
  }

  @Test
  final void theSameKeyIsTheSameJob() {
    RunningProjects runner = frontDesk();
    CreateJobRequest request = RunningProjects.request("true").setIdempotencyKey("k").build();
    ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
    Together.run(8, _ -> ids.add(runner.jobs.createJob(request).getJob().getJobId()));
    assertThat(new HashSet<>(ids)).hasSize(1);
    assertThat(runsOf(ids.element())).hasSize(1);
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value for parameter 'idempotency_key' supplied: it was used for another job.",
        () -> runner.jobs.createJob(request.toBuilder().setEntryPoint("other").build()));
  }

  @Test
  final void aRunThatCannotBeMadeMakesNoJob() {
    RunningProjects runner = frontDesk();
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No Experiment with id=4711 exists",
        () ->
            runner.jobs.createJob(RunningProjects.request("true").setExperimentId("4711").build()));
    assertThat(runner.jobs.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList()).isEmpty();
  }

  @Test
  final void whatIsWrongIsRefused() {
    RunningProjects runner = frontDesk();
    assertRefused(
        runner, "Missing value for required parameter 'source'.", CreateJobRequest.newBuilder());
    assertRefused(
        runner,
        "Invalid value for parameter 'source' supplied: it must have either 'git' or 'snapshot'.",
        CreateJobRequest.newBuilder().setSource(JobSource.getDefaultInstance()));
    assertRefused(
        runner,
        "Missing value for required parameter 'source.git.uri'.",
        CreateJobRequest.newBuilder()
            .setSource(JobSource.newBuilder().setGit(GitSource.getDefaultInstance())));
    assertRefused(
        runner,
        "Missing value for required parameter 'source.snapshot.sha256'.",
        CreateJobRequest.newBuilder()
            .setSource(JobSource.newBuilder().setSnapshot(SnapshotSource.getDefaultInstance())));
    assertRefused(
        runner,
        "Invalid value 0 for parameter 'config.timeout_seconds' supplied: it must be from 1 to"
            + " 31536000.",
        RunningProjects.request("").setConfig(JobConfig.newBuilder().setTimeoutSeconds(0)));
    assertRefused(
        runner,
        "Invalid value 11 for parameter 'config.max_retries' supplied: it must be from 0 to 10.",
        RunningProjects.request("").setConfig(JobConfig.newBuilder().setMaxRetries(11)));
    assertRefused(
        runner,
        "Invalid value -1001 for parameter 'config.priority' supplied: it must be from -1000 to"
            + " 1000.",
        RunningProjects.request("").setConfig(JobConfig.newBuilder().setPriority(-1001)));
    assertRefused(
        runner,
        "'parameters.long' exceeds the maximum length of 6000 characters",
        RunningProjects.request("")
            .addParameters(JobParameter.newBuilder().setKey("long").setValue("x".repeat(6001))));
    assertRefused(
        runner,
        "Invalid value for parameter 'parameters' supplied: 'script' is given twice.",
        RunningProjects.request("").addParameters(JobParameter.newBuilder().setKey("script")));
    assertRefused(
        runner,
        "Invalid value 'x' for parameter 'experiment_id' supplied:",
        RunningProjects.request("").setExperimentId("x"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, "Job 'x' does not exist.", () -> runner.get("x"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, "Job 'x' does not exist.", () -> runner.cancel("x"));
    assertThat(runner.jobs.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList()).isEmpty();
  }

  @Test
  final void jobsAreListedPageByPage() {
    RunningProjects runner = frontDesk();
    String experiment =
        experiments
            .createExperiment(
                CreateExperimentRequest.newBuilder().setName("e" + UUID.randomUUID()).build())
            .getExperimentId();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      CreateJobRequest.Builder request = RunningProjects.request("true");
      ids.addFirst(
          runner
              .jobs
              .createJob(i % 2 == 0 ? request.build() : request.setExperimentId(experiment).build())
              .getJob()
              .getJobId());
    }
    runner.cancel(ids.getFirst());
    List<String> listed = new ArrayList<>();
    String token = "";
    do {
      ListJobsResponse page =
          runner.jobs.listJobs(
              ListJobsRequest.newBuilder().setMaxResults(2).setPageToken(token).build());
      page.getJobsList().forEach(job -> listed.add(job.getJobId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).isEqualTo(ids);
    assertThat(
            runner
                .jobs
                .listJobs(ListJobsRequest.newBuilder().setExperimentId(experiment).build())
                .getJobsList())
        .extracting(Job::getJobId)
        .containsExactly(ids.get(1), ids.get(3));
    assertThat(
            runner
                .jobs
                .listJobs(ListJobsRequest.newBuilder().setState("KILLED").build())
                .getJobsList())
        .extracting(Job::getJobId)
        .containsExactly(ids.getFirst());
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value 0 for parameter 'max_results' supplied: it must be from 1 to 1000.",
        () -> runner.jobs.listJobs(ListJobsRequest.newBuilder().setMaxResults(0).build()));
  }

  @Test
  final void aLogIsFollowed() {
    RunningProjects runner = start();
    String id =
        runner
            .submit("echo one; while [ ! -e " + folder + "/go ]; do sleep 0.02; done; echo two")
            .getJobId();
    GetJobLogsRequest.Builder request =
        GetJobLogsRequest.newBuilder().setJobId(id).setWaitSeconds(20);
    StringBuilder text = new StringBuilder();
    while (!text.toString().equals("prepared\none\n")) {
      GetJobLogsResponse piece = runner.jobs.getJobLogs(request.build());
      assertThat(piece.getEnd()).isFalse();
      text.append(piece.getText());
      request.setOffset(piece.getNextOffset());
    }
    touch("go");
    GetJobLogsResponse piece = runner.jobs.getJobLogs(request.build());
    assertThat(piece.getText()).isEqualTo("two\n");
    request.setOffset(piece.getNextOffset());
    runner.await(id, "FINISHED");
    assertThat(runner.jobs.getJobLogs(request.build()).getEnd()).isTrue();
  }

  @Test
  final void jobsOfJobsHaveRoomOfTheirOwn() {
    RunningProjects runner = start(Settings.DEFAULT.withMaxRunning(1));
    String wait = "while [ ! -e %s/%s ]; do sleep 0.02; done";
    Job parent = runner.submit(wait.formatted(folder, "parent"));
    runner.await(parent.getJobId(), "RUNNING");
    // As code does that makes a run of its own below its job's, and hands in a job below that.
    String between =
        runs.createRun(
                CreateRunRequest.newBuilder()
                    .setExperimentId("0")
                    .addTags(
                        dev.millrace.proto.RunTag.newBuilder()
                            .setKey("mlflow.parentRunId")
                            .setValue(parent.getRunId()))
                    .build())
            .getRun()
            .getInfo()
            .getRunId();
    Job child =
        runner
            .jobs
            .createJob(
                RunningProjects.request(wait.formatted(folder, "child"))
                    .setParentRunId(between)
                    .build())
            .getJob();
    runner.await(child.getJobId(), "RUNNING");
    assertThat(tags(run(child))).containsEntry("mlflow.parentRunId", between);
    Job last = child;
    for (int depth = 2; depth <= 4; depth++) {
      last =
          runner
              .jobs
              .createJob(
                  RunningProjects.request(wait.formatted(folder, "child"))
                      .setParentRunId(last.getRunId())
                      .build())
              .getJob();
      runner.await(last.getJobId(), "RUNNING");
    }
    String deepest = last.getRunId();
    assertRefused(
        runner,
        "Invalid value for parameter 'parent_run_id' supplied: jobs may be nested 4 deep.",
        RunningProjects.request("true").setParentRunId(deepest));
    touch("child");
    touch("parent");
    runner.await(last.getJobId(), "FINISHED");
    runner.await(parent.getJobId(), "FINISHED");
  }

  @Test
  final void aUserRunsNoMoreThanHisLimit() {
    RunningProjects runner = start(Settings.DEFAULT.withPerUser(1));
    String wait = "while [ ! -e " + folder + "/go ]; do sleep 0.02; done";
    Job[] jobs = new Job[3];
    new Caller("anna").context().run(() -> jobs[0] = runner.submit(wait));
    runner.await(jobs[0].getJobId(), "RUNNING");
    new Caller("anna").context().run(() -> jobs[1] = runner.submit(wait));
    new Caller("bert").context().run(() -> jobs[2] = runner.submit(wait));
    runner.await(jobs[2].getJobId(), "RUNNING");
    assertThat(runner.get(jobs[1].getJobId()).getState()).isEqualTo("QUEUED");
    touch("go");
    runner.await(jobs[1].getJobId(), "FINISHED");
  }

  @Test
  final void whatRunsOutlivesItsRunner() {
    RunningProjects first = start();
    String wait = "echo begun; while [ ! -e " + folder + "/go ]; do sleep 0.02; done; exit 5";
    Job job = first.submit(wait);
    first.await(job.getJobId(), "RUNNING");
    stop(first);
    assertThat(status(job)).isEqualTo(RunStatus.RUNNING);
    RunningProjects second = start();
    touch("go");
    Job ended = second.await(job.getJobId(), "FAILED");
    assertThat(ended.getExitCode()).isEqualTo(5);
    assertThat(ended.getAttempts()).isEqualTo(1);
    assertThat(status(ended)).isEqualTo(RunStatus.FAILED);
    assertThat(second.log(job.getJobId())).isEqualTo("prepared\nbegun\n");
  }

  @Test
  final void aRunnerThatStopsWhileItPreparesGivesTheJobBack() {
    RunningProjects first =
        start(
            Settings.DEFAULT,
            (job, place, notes) -> {
              TimeUnit.SECONDS.sleep(60);
              return RunningProjects.script(job, place, notes);
            });
    Job job = first.submit("true");
    first.await(job.getJobId(), "PREPARING");
    stop(first);
    Job ended = start().await(job.getJobId(), "FINISHED");
    assertThat(ended.getAttempts()).as("the first never ran").isEqualTo(1);
  }

  @Test
  final void aSubmissionThatBrokeOffIsBroughtToTheQueue() {
    JobRow row = fabricate("true", false);
    RunningProjects runner = start();
    Job job = runner.await(row.jobId(), "FINISHED");
    assertThat(runsOf(row.jobId())).hasSize(1);
    assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  final void aSubmissionThatBrokeOffBehindItsRunKeepsThatRun() {
    JobRow row = fabricate("true", false);
    String runId = new Recorder(trackingChannel).create(row);
    RunningProjects runner = start();
    assertThat(runner.await(row.jobId(), "FINISHED").getRunId()).isEqualTo(runId);
    assertThat(runsOf(row.jobId())).hasSize(1);
  }

  @Test
  final void aSubmissionThatFailedInTheDarkIsEndedWithItsRun() {
    JobRow row = fabricate("true", false);
    String runId = new Recorder(trackingChannel).create(row);
    database.change(tx -> store.requestCancel(tx, row.jobNo()));
    start().await(row.jobId(), "KILLED");
    assertThat(run(runId).getInfo().getStatus()).isEqualTo(RunStatus.KILLED);
  }

  @Test
  final void killedWhileItPreparedTheJobIsPreparedAgain() {
    JobRow row = prepared(fabricate("true", true));
    Job job = start().await(row.jobId(), "FINISHED");
    assertThat(job.getAttempts()).isEqualTo(1);
    assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  final void killedBehindTheStartTheJobIsFoundRunning() throws Exception {
    JobRow row = prepared(fabricate("", true));
    launch(row, "echo x >>" + folder + "/started; sleep 1; exit 6");
    Job job = start().await(row.jobId(), "FAILED");
    assertThat(job.getExitCode()).isEqualTo(6);
    assertThat(folder.resolve("started")).hasContent("x\n");
    assertThat(status(job)).isEqualTo(RunStatus.FAILED);
  }

  @Test
  final void killedWhileItRanTheJobIsFoundEnded() throws Exception {
    JobRow row = prepared(fabricate("", true));
    launch(row, "exit 0");
    database.change(tx -> queue.run(tx, row));
    awaitExit(row);
    Job job = start().await(row.jobId(), "FINISHED");
    assertThat(job.getExitCode()).isZero();
    assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  final void killedBetweenTheRunsEndAndTheJobsItIsToldAgain() throws Exception {
    JobRow row = prepared(fabricate("", true));
    launch(row, "exit 0");
    database.change(tx -> queue.run(tx, row));
    awaitExit(row);
    new Recorder(trackingChannel)
        .end(Objects.requireNonNull(row.runId()), RunStatus.FINISHED, database.read(JobStore::now));
    Job job = start().await(row.jobId(), "FINISHED");
    assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  final void aMachineThatWasRestartedFailsTheJob() throws Exception {
    JobRow row = prepared(fabricate("", true));
    launch(row, "sleep 60");
    database.change(tx -> queue.run(tx, row));
    // With other ticks since the start, this is no process of this machine's present life.
    Path pid = folder.resolve("attempts").resolve(attemptName(row)).resolve("pid");
    engine().end(attemptName(row));
    Files.writeString(pid, ProcessHandle.current().pid() + " 1\n");
    // A shell that is told to end before it could watch for that leaves none.
    Files.deleteIfExists(pid.resolveSibling("exit"));
    Job job = start().await(row.jobId(), "FAILED");
    assertThat(job.getMessage())
        .isEqualTo(
            "The command ended without an exit code: it was killed, or its machine was restarted.");
    assertThat(status(job)).isEqualTo(RunStatus.FAILED);
  }

  @Test
  final void whatMayRunElsewhereIsNeverStartedHere() throws Exception {
    JobRow row = prepared(fabricate("touch " + folder + "/twice", true));
    launch(row, "sleep 60");
    database.change(tx -> queue.run(tx, row));
    RunningProjects elsewhere = start(Settings.DEFAULT.withHost("elsewhere"));
    elsewhere.await(row.jobId(), "NEEDS_RECOVERY");
    TimeUnit.SECONDS.sleep(1);
    assertThat(elsewhere.get(row.jobId()).getState()).isEqualTo("NEEDS_RECOVERY");
    assertThat(folder.resolve("twice")).doesNotExist();
    assertThat(status(elsewhere.get(row.jobId()))).isNotEqualTo(RunStatus.FAILED);
    // Its own machine comes back.
    RunningProjects here = start();
    here.await(row.jobId(), "RUNNING");
    here.cancel(row.jobId());
    here.await(row.jobId(), "KILLED");
  }

  @Test
  final void whatNeedsRecoveryCanBeCancelledAndIsEndedWhenItsMachineComesBack() throws Exception {
    JobRow row = prepared(fabricate("", true));
    launch(row, "sleep 60");
    database.change(tx -> queue.run(tx, row));
    RunningProjects elsewhere = start(Settings.DEFAULT.withHost("elsewhere"));
    elsewhere.await(row.jobId(), "NEEDS_RECOVERY");
    assertThat(elsewhere.cancel(row.jobId()).getState()).isEqualTo("KILLED");
    assertThat(run(Objects.requireNonNull(row.runId())).getInfo().getStatus())
        .isEqualTo(RunStatus.KILLED);
    assertThat(isRunning(row)).isTrue();
    start();
    while (isRunning(row)) {
      RunningProjects.sleep();
    }
  }

  @Test
  final void twoRunnersRunEachJobOnce() {
    List<RunningProjects> two =
        List.of(start(Settings.DEFAULT), start(Settings.DEFAULT.withHost("there")));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(two.get(i % 2).submit("echo x >>" + folder + "/started-$MLFLOW_RUN_ID").getJobId());
    }
    for (String id : ids) {
      Job job = two.getFirst().await(id, "FINISHED");
      assertThat(folder.resolve("started-" + job.getRunId())).hasContent("x\n");
      assertThat(status(job)).isEqualTo(RunStatus.FINISHED);
    }
  }

  @Test
  final void aRunThatIsDeletedKeepsNoJobAlive() {
    RunningProjects runner = start();
    Job job = runner.submit("while [ ! -e " + folder + "/go ]; do sleep 0.02; done");
    runner.await(job.getJobId(), "RUNNING");
    runs.deleteRun(DeleteRunRequest.newBuilder().setRunId(job.getRunId()).build());
    touch("go");
    runner.await(job.getJobId(), "FINISHED");
  }

  @Test
  final void whereProjectsAreOffNothingIsTaken() {
    RunningProjects runner = start(Settings.DEFAULT.withEngine("none"));
    assertFails(
        ErrorCode.NOT_IMPLEMENTED,
        "Projects are switched off on this server; its option '--projects local' switches them on.",
        () -> runner.submit("true"));
    assertThat(folder).isEmptyDirectory();
  }

  /** A job whose lease has ended, as a runner that was killed leaves it. */
  private JobRow fabricate(String script, boolean hasRun) {
    JobRow draft =
        JobRow.draft(
            new JobSpec(
                new dev.millrace.projects.JobSource.Git("https://example.com/p", null, null),
                "main",
                Map.of("script", script),
                "0",
                "",
                null,
                null,
                0,
                0,
                Resources.ANY),
            null,
            "",
            0,
            null,
            null);
    database.change(tx -> store.insert(tx, draft, null, "digest", 0));
    JobRow row = row(draft.jobId());
    if (hasRun) {
      String runId = new Recorder(trackingChannel).create(row);
      database.change(tx -> queue.setRun(tx, row, runId));
    }
    return row(draft.jobId());
  }

  private JobRow prepared(JobRow row) {
    try {
      String site = engine().site();
      return Objects.requireNonNull(
          database.<@Nullable JobRow>transaction(
              tx -> queue.beginAttempt(tx, row, site, attemptName(row), JobToken.random().hash())));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String attemptName(JobRow row) {
    return row.jobId() + "-1";
  }

  private void launch(JobRow row, String script) throws Exception {
    engine()
        .start(
            new Launch(
                attemptName(row),
                List.of("sh", "-c", script),
                folder,
                Map.of("PATH", Objects.requireNonNull(System.getenv("PATH"))),
                null,
                List.of(),
                null,
                Resources.ANY,
                null));
  }

  private void awaitExit(JobRow row) throws Exception {
    while (isRunning(row)) {
      RunningProjects.sleep();
    }
  }

  private boolean isRunning(JobRow row) throws Exception {
    return engine().status(attemptName(row)) instanceof dev.millrace.projects.engine.Status.Running;
  }

  private JobRow row(String jobId) {
    return Objects.requireNonNull(database.<@Nullable JobRow>read(tx -> store.find(tx, jobId)));
  }

  private void touch(String name) {
    try {
      Files.createFile(folder.resolve(name));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private Run run(Job job) {
    return run(job.getRunId());
  }

  private Run run(String runId) {
    return runs.getRun(GetRunRequest.newBuilder().setRunId(runId).build()).getRun();
  }

  private RunStatus status(Job job) {
    return run(job).getInfo().getStatus();
  }

  private List<Run> runsOf(String jobId) {
    return Parts.merge(
            runs.searchRuns(
                SearchRunsRequest.newBuilder()
                    .addExperimentIds("0")
                    .setFilter("tags.`millrace.job.id` = '" + jobId + "'")
                    .build()))
        .getRunsList();
  }

  private static Map<String, String> tags(Run run) {
    return run.getData().getTagsList().stream()
        .collect(Collectors.toMap(tag -> tag.getKey(), tag -> tag.getValue()));
  }

  private static void assertRefused(
      RunningProjects runner, String message, CreateJobRequest.Builder request) {
    Assertions.assertThatThrownBy(() -> runner.jobs.createJob(request.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).startsWith(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }

  private static void assertFails(ErrorCode code, String message, ThrowingCallable call) {
    Assertions.assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).isEqualTo(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(code);
            });
  }
}
