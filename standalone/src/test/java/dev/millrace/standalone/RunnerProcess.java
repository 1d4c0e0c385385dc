package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.GetJobLogsRequest;
import dev.millrace.proto.GetJobLogsResponse;
import dev.millrace.proto.GetJobRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.JobSource;
import dev.millrace.proto.SnapshotServiceGrpc;
import dev.millrace.proto.SnapshotSource;
import dev.millrace.proto.UploadSnapshotRequest;
import io.grpc.ManagedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A runner of projects in a process of its own, called by gRPC. */
final class RunnerProcess implements AutoCloseable {

  final JobServiceGrpc.JobServiceBlockingStub jobs;
  private final MillraceProcess process;
  private final ManagedChannel channel;

  /**
   * @param program to start it by; empty for none
   * @param folder for its work folder, its snapshots and its standard error
   */
  RunnerProcess(
      List<String> program, Path folder, String databaseUrl, String trackingPort, int maxRunning) {
    process =
        MillraceProcess.startService(
            program,
            dev.millrace.projects.Main.class,
            folder,
            "--millrace.projects-runner.engine=local",
            "--millrace.projects-runner.database-url=" + databaseUrl,
            "--millrace.projects-runner.tracking-store=127.0.0.1:" + trackingPort,
            "--millrace.projects-runner.listen=127.0.0.1:0",
            "--millrace.projects-runner.work-folder=" + work(folder),
            "--millrace.projects-runner.snapshot-folder=" + folder.resolve("snapshots"),
            "--millrace.projects-runner.host=here",
            "--millrace.projects-runner.lease-seconds=2",
            "--millrace.projects-runner.max-running=" + maxRunning);
    channel = Target.parse("127.0.0.1:" + process.address()).connect();
    jobs = JobServiceGrpc.newBlockingStub(channel);
  }

  /** The work folder of a runner that was given {@code folder}. */
  static Path work(Path folder) {
    return folder.resolve("work");
  }

  /** The file of a snapshot of a runner that was given {@code folder}. */
  static Path snapshot(Path folder, String sha256) {
    return folder.resolve("snapshots").resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  /** The number of its process. */
  long pid() {
    return process.pid();
  }

  /** As {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.kill();
    channel.shutdownNow();
  }

  @Override
  public void close() {
    process.close();
    channel.shutdownNow();
  }

  /**
   * Hands in a project of these files.
   *
   * @param files text by name
   */
  Job submit(Map<String, String> files) throws Exception {
    return create(upload(files));
  }

  Job create(String sha256) {
    return jobs.createJob(
            CreateJobRequest.newBuilder()
                .setSource(
                    JobSource.newBuilder()
                        .setSnapshot(SnapshotSource.newBuilder().setSha256(sha256)))
                .setEnvManager("local")
                .build())
        .getJob();
  }

  String upload(Map<String, String> files) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    String sha256 =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    var call = SnapshotServiceGrpc.newBlockingV2Stub(channel).uploadSnapshot();
    assertThat(
            call.write(
                UploadSnapshotRequest.newBuilder()
                    .setSha256(sha256)
                    .setData(ByteString.copyFrom(bytes.toByteArray()))
                    .build()))
        .isTrue();
    call.halfClose();
    assertThat(call.read()).isNotNull();
    return sha256;
  }

  Job get(Job job) {
    return jobs.getJob(GetJobRequest.newBuilder().setJobId(job.getJobId()).build()).getJob();
  }

  /** The job, as soon as it is in this state; fails if it ends in another. */
  Job await(Job job, String state) throws InterruptedException {
    Job now = get(job);
    while (!now.getState().equals(state)) {
      assertThat(now.hasEndTime()).as(now.toString()).isFalse();
      TimeUnit.MILLISECONDS.sleep(20);
      now = get(job);
    }
    return now;
  }

  /** The beginning of what a job printed. */
  String log(Job job) {
    GetJobLogsResponse piece =
        jobs.getJobLogs(GetJobLogsRequest.newBuilder().setJobId(job.getJobId()).build());
    return piece.getText();
  }
}
