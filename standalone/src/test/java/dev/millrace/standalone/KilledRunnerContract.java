package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.GetJobRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.JobSource;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SnapshotServiceGrpc;
import dev.millrace.proto.SnapshotSource;
import dev.millrace.proto.UploadSnapshotRequest;
import dev.millrace.testing.H2;
import io.grpc.ManagedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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
  private MillraceProcess runner;
  private ManagedChannel channel;

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
    kill();
  }

  @Test
  final void whileTheJobIsQueued() throws Exception {
    start(0);
    Job job = submit();
    assertThat(job.getState()).isEqualTo("QUEUED");
    kill();
    start(4);
    letEnd();
    finished(job);
  }

  @Test
  final void whileTheJobIsHandedIn() throws Exception {
    start(4);
    String sha256 = upload();
    proxy.hold();
    Thread submitting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    create(sha256);
                  } catch (io.grpc.StatusRuntimeException e) {
                    // Nobody is left to answer.
                  }
                });
    // The run is made, and its runner does not know.
    int before = runsOfJobs().size();
    while (runsOfJobs().size() == before) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    kill();
    submitting.join();
    proxy.release();
    forgetLeases();
    start(4);
    Job job =
        JobServiceGrpc.newBlockingStub(channel)
            .listJobs(ListJobsRequest.getDefaultInstance())
            .getJobs(0);
    letEnd();
    finished(job);
    assertThat(runsOfJobs()).as("no second one").hasSize(before + 1);
  }

  @Test
  final void whileTheJobIsPrepared() throws Exception {
    start(0);
    Job job = submit();
    kill();
    // Who opens a pipe waits until somebody writes into it.
    Path snapshot = snapshot(job.getSource().getSnapshot().getSha256());
    Path aside = Files.move(snapshot, folder.resolve("aside"));
    assertThat(new ProcessBuilder("mkfifo", snapshot.toString()).start().waitFor()).isZero();
    start(4);
    await(job, "PREPARING");
    kill();
    Files.delete(snapshot);
    Files.move(aside, snapshot);
    start(4);
    letEnd();
    finished(job);
  }

  @Test
  final void whileTheCommandRuns() throws Exception {
    start(4);
    Job job = submit();
    await(job, "RUNNING");
    kill();
    start(4);
    assertThat(await(job, "RUNNING").getAttempts()).isEqualTo(1);
    letEnd();
    finished(job);
  }

  @Test
  final void andTheCommandEndsWhileNobodyWatches() throws Exception {
    start(4);
    Job job = submit();
    await(job, "RUNNING");
    kill();
    letEnd();
    while (!Files.exists(folder.resolve("over"))) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    start(4);
    finished(job);
  }

  @Test
  final void betweenTheRunsEndAndTheJobs() throws Exception {
    start(4);
    Job job = submit();
    await(job, "RUNNING");
    while (!Files.exists(folder.resolve("began"))) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    proxy.hold();
    letEnd();
    while (runOf(job).getInfo().getStatus() != RunStatus.FINISHED) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(get(job).getState()).isEqualTo("RUNNING");
    kill();
    proxy.release();
    start(4);
    finished(job);
  }

  @Test
  final void andTheJobIsCancelledThen() throws Exception {
    start(4);
    Job job = submit();
    await(job, "RUNNING");
    kill();
    start(4);
    var _ =
        JobServiceGrpc.newBlockingStub(channel)
            .cancelJob(CancelJobRequest.newBuilder().setJobId(job.getJobId()).build());
    await(job, "KILLED");
    assertThat(runOf(job).getInfo().getStatus()).isEqualTo(RunStatus.KILLED);
    assertThat(folder.resolve("over")).doesNotExist();
  }

  private void start(int maxRunning) {
    runner =
        MillraceProcess.startService(
            dev.millrace.projects.Main.class,
            folder,
            "--millrace.projects-runner.engine=local",
            "--millrace.projects-runner.database-url=" + databaseUrl,
            "--millrace.projects-runner.tracking-store=127.0.0.1:" + proxy.port(),
            "--millrace.projects-runner.listen=127.0.0.1:0",
            "--millrace.projects-runner.work-folder=" + folder.resolve("work"),
            "--millrace.projects-runner.snapshot-folder=" + folder.resolve("snapshots"),
            "--millrace.projects-runner.host=here",
            "--millrace.projects-runner.lease-seconds=2",
            "--millrace.projects-runner.max-running=" + maxRunning);
    channel = Target.parse("127.0.0.1:" + runner.address()).connect();
  }

  private void kill() throws InterruptedException {
    runner.kill();
    channel.shutdownNow();
  }

  private Job submit() throws Exception {
    return create(upload());
  }

  private Job create(String sha256) {
    return JobServiceGrpc.newBlockingStub(channel)
        .createJob(
            CreateJobRequest.newBuilder()
                .setSource(
                    JobSource.newBuilder()
                        .setSnapshot(SnapshotSource.newBuilder().setSha256(sha256)))
                .setEnvManager("local")
                .build())
        .getJob();
  }

  private String upload() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("MLproject"));
      zip.write(PROJECT.formatted(folder).getBytes(StandardCharsets.UTF_8));
    }
    String sha256 =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    var call = SnapshotServiceGrpc.newBlockingV2Stub(channel).uploadSnapshot();
    call.write(
        UploadSnapshotRequest.newBuilder()
            .setSha256(sha256)
            .setData(ByteString.copyFrom(bytes.toByteArray()))
            .build());
    call.halfClose();
    assertThat(call.read()).isNotNull();
    return sha256;
  }

  private Path snapshot(String sha256) {
    return folder.resolve("snapshots").resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  private void letEnd() throws IOException {
    Files.writeString(folder.resolve("go"), "");
  }

  private Job get(Job job) {
    return JobServiceGrpc.newBlockingStub(channel)
        .getJob(GetJobRequest.newBuilder().setJobId(job.getJobId()).build())
        .getJob();
  }

  private Job await(Job job, String state) throws InterruptedException {
    Job now = get(job);
    while (!now.getState().equals(state)) {
      assertThat(now.hasEndTime()).as(now.toString()).isFalse();
      TimeUnit.MILLISECONDS.sleep(20);
      now = get(job);
    }
    return now;
  }

  private void finished(Job job) throws Exception {
    Job ended = await(job, "FINISHED");
    assertThat(ended.getAttempts()).isEqualTo(1);
    assertThat(ended.getExitCode()).isZero();
    assertThat(runOf(ended).getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(runOf(ended).getInfo().getEndTime()).isPositive();
    assertThat(folder.resolve("started")).hasContent("x\n");
  }

  private Run runOf(Job job) {
    List<Run> found =
        runs.searchRuns(
                SearchRunsRequest.newBuilder()
                    .addExperimentIds("0")
                    .setFilter("tags.`millrace.job.id` = '" + job.getJobId() + "'")
                    .build())
            .getRunsList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private List<Run> runsOfJobs() {
    return runs.searchRuns(SearchRunsRequest.newBuilder().addExperimentIds("0").build())
        .getRunsList();
  }

  /** Who hands a job in has a minute and a half for it. */
  private void forgetLeases() throws Exception {
    DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
    try (Connection connection =
            DriverManager.getConnection(url.jdbcUrl(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("UPDATE jobs SET lease_until = 0")).isEqualTo(1);
    }
  }
}
