package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunStatus;
import dev.millrace.testing.H2;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A runner whose work folder is full: a file system of 4 MiB, which it mounts in a name space of
 * its own.
 */
@Timeout(180)
final class FullDiskTest {

  @Test
  void jobsEndRightAndLeaveRoomForOthers(@TempDir Path folder) throws Exception {
    Files.createDirectory(RunnerProcess.work(folder));
    List<String> mounting =
        List.of(
            "unshare",
            "-Urm",
            "sh",
            "-c",
            "mount -t tmpfs -o size=4m tmpfs \"$0\" && exec \"$@\"",
            RunnerProcess.work(folder).toString());
    try (MillraceProcess tracking =
            MillraceProcess.startService(
                dev.millrace.tracking.Main.class,
                folder,
                "--millrace.tracking-store.database-url=" + H2.in(folder),
                "--millrace.tracking-store.listen=127.0.0.1:0");
        RunnerProcess runner =
            new RunnerProcess(mounting, folder, H2.in(folder), tracking.address(), 4)) {
      ManagedChannel channel = Target.parse("127.0.0.1:" + tracking.address()).connect();
      RunServiceGrpc.RunServiceBlockingStub runs = RunServiceGrpc.newBlockingStub(channel);

      // Its code finds no room: that is found out before there is a run.
      assertThatThrownBy(() -> runner.submit(project("true", "x".repeat(8 << 20))))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INTERNAL_ERROR))
          .hasMessageContaining("The files cannot be stored: No space left on device");
      assertThat(runner.jobs.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList())
          .isEmpty();

      // Nothing is left of that: there is room for one that needs most of it.
      Job modest = runner.submit(project("head -c 3000000 /dev/zero >big", ""));
      modest = runner.await(modest, "FINISHED");
      assertThat(modest.getExitCode()).isZero();

      // It fills the file system itself, notices, and goes.
      Job greedy = runner.submit(project("head -c 8000000 /dev/zero >big", ""));
      greedy = runner.await(greedy, "FAILED");
      assertThat(greedy.getExitCode()).isEqualTo(1);
      assertThat(status(runs, greedy)).isEqualTo(RunStatus.FAILED);

      // What it prints fills the file system, and it does not care.
      Job loud = runner.submit(project("head -c 8000000 /dev/zero", ""));
      loud = runner.await(loud, "FINISHED");
      assertThat(loud.getExitCode()).isZero();
      assertThat(status(runs, loud)).isEqualTo(RunStatus.FINISHED);
      channel.shutdownNow();
    }
  }

  private static Map<String, String> project(String command, String data) {
    return Map.of("MLproject", "entry_points: {main: {command: '" + command + "'}}", "data", data);
  }

  private static RunStatus status(RunServiceGrpc.RunServiceBlockingStub runs, Job job) {
    return runs.getRun(GetRunRequest.newBuilder().setRunId(job.getRunId()).build())
        .getRun()
        .getInfo()
        .getStatus();
  }
}
