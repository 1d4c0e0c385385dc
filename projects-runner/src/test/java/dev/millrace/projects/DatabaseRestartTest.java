package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.proto.Job;
import dev.millrace.proto.RunStatus;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL goes away in the middle, for longer than leases last, and comes back. */
@Timeout(180)
final class DatabaseRestartTest {

  @Test
  void noJobIsLostAndNoneRunsTwice(@TempDir Path folder) throws Exception {
    int port = freePort();
    Path data = folder.resolve("database");
    List<Job> jobs = new ArrayList<>();
    EmbeddedPostgres postgres = start(data, port);
    try (RunningTracking tracking = new RunningTracking();
        RunningProjects runner =
            new RunningProjects(
                "postgresql://postgres:postgres@localhost:%d/postgres".formatted(port),
                tracking.target,
                folder,
                Settings.DEFAULT.withMaxRunning(2),
                RunningProjects::script)) {
      for (int i = 0; i < 6; i++) {
        jobs.add(
            runner.submit(
                "echo x >>%1$s/started-$MLFLOW_RUN_ID; while [ ! -e %1$s/go ]; do sleep 0.02; done"
                    .formatted(folder)));
      }
      runner.await(jobs.get(0).getJobId(), "RUNNING");
      runner.await(jobs.get(1).getJobId(), "RUNNING");
      postgres.close();
      Files.createFile(folder.resolve("go"));
      TimeUnit.SECONDS.sleep(Settings.DEFAULT.leaseSeconds() + 1);
      postgres = start(data, port);
      for (Job job : jobs) {
        Job ended = runner.await(job.getJobId(), "FINISHED");
        assertThat(ended.getAttempts()).isEqualTo(1);
        assertThat(folder.resolve("started-" + job.getRunId())).hasContent("x\n");
        assertThat(tracking.run(job.getRunId()).getInfo().getStatus())
            .isEqualTo(RunStatus.FINISHED);
      }
    } finally {
      postgres.close();
    }
  }

  private static EmbeddedPostgres start(Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPort(port)
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
