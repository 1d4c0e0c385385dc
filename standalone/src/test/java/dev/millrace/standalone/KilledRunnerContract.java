package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.testing.H2;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
 * Runners in processes of their own that are ended by {@code kill -9}, wherever a job is on its
 * way: the next one brings it to its right end, and its command runs once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
abstract class KilledRunnerContract {

  /** It notes that it was started, and waits until it may end. */
  private static final String PROJECT =
      "entry_points: {main: {command: 'echo x >>%1$s/started; touch %1$s/began;"
          + " while [ ! -e %1$s/go ]; do sleep 0.05; done; touch %1$s/over'}}";

  private MillraceProcess tracking;
  private ManagedChannel trackingChannel;
  private RunServiceGrpc.RunServiceBlockingStub runs;
  private HoldingProxy proxy;
  private Path folder;
  private String databaseUrl;
  private @Nullable RunnerProcess runner;

  /** A new, empty database that outlives its processes. */
  abstract String newDatabase(Path place);

  @BeforeAll
  final void startTracking(@TempDir Path place) throws Exception {
    tracking =
        MillraceProcess.startService(
            dev.millrace.tracking.Main.class,
            place,
            "--millrace.tracking-store.database-url=" + H2.in(place),
            "--millrace.tracking-store.listen=127.0.0.1:0");
    trackingChannel = Target.parse("127.0.0.1:" + tracking.address()).connect();
    runs = RunServiceGrpc.newBlockingStub(trackingChannel);
    proxy = new HoldingProxy(Integer.parseInt(tracking.address()));
  }

  @AfterAll
  final void stopTracking() throws IOException {
    proxy.close();
    trackingChannel.shutdownNow();
    tracking.close();
  }

  @BeforeEach
  final void open(@TempDir Path place) {
    folder = place;
    databaseUrl = newDatabase(place);
  }

  @AfterEach
  final void endRunner() throws Exception {
    proxy.release();
    // Whatever still waits, ends.
    Files.writeString(folder.resolve("go"), "");
    runner().kill();
  }

  @Test
  final void whileTheJobIsQueued() throws Exception {
    start(0);
    Job job = submit();
    assertThat(job.getState()).isEqualTo("QUEUED");
    runner().kill();
    start(4);
    letEnd();
    finished(job);
  }

  @Test
  final void whileTheJobIsHandedIn() throws Exception {
    start(0);
    String sha256 = runner().upload(project());
    // A connection on which nothing was ever answered carries no request.
    var _ =
        runner()
            .jobs
            .cancelJob(
                CancelJobRequest.newBuilder().setJobId(runner().create(sha256).getJobId()).build());
    int before = runsOfJobs().size();
    proxy.hold();
    Thread submitting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    runner().create(sha256);
                  } catch (io.grpc.StatusRuntimeException e) {
                    // Nobody is left to answer.
                  }
                });
    // The run is made, and its runner does not know.
    while (runsOfJobs().size() == before) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    runner().kill();
    submitting.join();
    proxy.release();
    forgetLeases();
    start(4);
    Job job = runner().jobs.listJobs(ListJobsRequest.getDefaultInstance()).getJobs(0);
    letEnd();
    finished(job);
    assertThat(runsOfJobs()).as("no second one").hasSize(before + 1);
  }

  @Test
  final void whileTheJobIsPrepared() throws Exception {
    start(0);
    Job job = submit();
    runner().kill();
    // Who opens a pipe waits until somebody writes into it.
    Path snapshot = RunnerProcess.snapshot(folder, job.getSource().getSnapshot().getSha256());
    Path aside = Files.move(snapshot, folder.resolve("aside"));
    assertThat(new ProcessBuilder("mkfifo", snapshot.toString()).start().waitFor()).isZero();
    start(4);
    runner().await(job, "PREPARING");
    runner().kill();
    Files.delete(snapshot);
    Files.move(aside, snapshot);
    start(4);
    letEnd();
    finished(job);
  }

  @Test
  final void whileTheCommandRuns() throws Exception {
    Job job = begun();
    runner().kill();
    start(4);
    assertThat(runner().await(job, "RUNNING").getAttempts()).isEqualTo(1);
    letEnd();
    finished(job);
  }

  @Test
  final void andTheCommandEndsWhileNobodyWatches() throws Exception {
    Job job = begun();
    runner().kill();
    letEnd();
    while (!Files.exists(folder.resolve("over"))) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    start(4);
    finished(job);
  }

  @Test
  final void betweenTheRunsEndAndTheJobs() throws Exception {
    Job job = begun();
    proxy.hold();
    letEnd();
    while (runOf(job).getInfo().getStatus() != RunStatus.FINISHED) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(runner().get(job).getState()).isEqualTo("RUNNING");
    runner().kill();
    proxy.release();
    start(4);
    finished(job);
  }

  @Test
  final void andTheJobIsCancelledThen() throws Exception {
    Job job = begun();
    runner().kill();
    start(4);
    var _ = runner().jobs.cancelJob(CancelJobRequest.newBuilder().setJobId(job.getJobId()).build());
    runner().await(job, "KILLED");
    assertThat(runOf(job).getInfo().getStatus()).isEqualTo(RunStatus.KILLED);
    assertThat(folder.resolve("over")).doesNotExist();
  }

  private void start(int maxRunning) {
    runner = new RunnerProcess(List.of(), folder, databaseUrl, "" + proxy.port(), maxRunning);
  }

  private RunnerProcess runner() {
    return Objects.requireNonNull(runner);
  }

  private Map<String, String> project() {
    return Map.of("MLproject", PROJECT.formatted(folder));
  }

  private Job submit() throws Exception {
    return runner().submit(project());
  }

  /** A job whose command has begun: it is RUNNING from just before that. */
  private Job begun() throws Exception {
    start(4);
    Job job = submit();
    runner().await(job, "RUNNING");
    while (!Files.exists(folder.resolve("began"))) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return job;
  }

  private void letEnd() throws IOException {
    Files.writeString(folder.resolve("go"), "");
  }

  private void finished(Job job) throws Exception {
    Job ended = runner().await(job, "FINISHED");
    assertThat(ended.getAttempts()).isEqualTo(1);
    assertThat(ended.getExitCode()).isZero();
    assertThat(runOf(ended).getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(runOf(ended).getInfo().getEndTime()).isPositive();
    assertThat(folder.resolve("started")).hasContent("x\n");
  }

  private Run runOf(Job job) {
    List<Run> found = search("tags.`millrace.job.id` = '" + job.getJobId() + "'");
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private List<Run> runsOfJobs() {
    return search("");
  }

  private List<Run> search(String filter) {
    List<Run> found = new ArrayList<>();
    runs.searchRuns(SearchRunsRequest.newBuilder().addExperimentIds("0").setFilter(filter).build())
        .forEachRemaining(part -> found.addAll(part.getRunsList()));
    return found;
  }

  /** Who hands a job in has a minute and a half for it. */
  private void forgetLeases() throws Exception {
    DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
    try (Connection connection =
            DriverManager.getConnection(url.jdbcUrl(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("UPDATE jobs SET lease_until = 0 WHERE end_time IS NULL"))
          .isEqualTo(1);
    }
  }
}
