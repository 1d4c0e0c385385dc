package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.projects.engine.DockerGate;
import dev.millrace.proto.CreateScheduleRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.testing.H2;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose Docker daemon takes connections and requests, and never says a word. */
@Timeout(120)
final class SilentDockerJobTest {

  @Test
  void noJobIsLostAndTheRunnerGoesOn(@TempDir Path folder) throws Exception {
    String databaseUrl = H2.inMemory();
    try (RunningTracking tracking = new RunningTracking();
        DockerGate daemon = DockerGate.beforeNothing(folder.resolve("socket"))) {
      Job job;
      Job made;
      long stopping;
      try (RunningProjects runner =
              new RunningProjects(
                  databaseUrl,
                  tracking.target,
                  folder,
                  Settings.DEFAULT.withEngine("docker"),
                  RunningProjects.docker(daemon.host(), "host"),
                  RunningProjects.kubernetes(""),
                  RunningProjects::script);
          Database database = Database.open("projects-runner", DatabaseUrl.parse(databaseUrl), 2)) {
        job = runner.submit("echo ran");
        Job other = runner.submit("true");
        var _ =
            runner.schedules.createSchedule(
                CreateScheduleRequest.newBuilder()
                    .setCron("0 0 1 1 *")
                    .setJob(RunningProjects.request("echo made"))
                    .build());
        TimeUnit.SECONDS.sleep(3);
        database.change(tx -> tx.update("UPDATE schedules SET next_fire_time = 1"));
        while (jobs(runner).size() < 3) {
          RunningProjects.sleep();
        }
        made = jobs(runner).getFirst();
        assertThat(runner.cancel(other.getJobId()).getState()).isEqualTo("KILLED");
        assertThat(runner.get(job.getJobId()).getState()).isEqualTo("QUEUED");
        stopping = System.nanoTime();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(8));
      // Another engine does what this one was never begun to be asked for.
      try (RunningProjects next =
          new RunningProjects(
              databaseUrl, tracking.target, folder, Settings.DEFAULT, RunningProjects::script)) {
        for (Job each : List.of(job, made)) {
          assertThat(next.await(each.getJobId(), "FINISHED").getAttempts()).isEqualTo(1);
        }
        assertThat(next.log(job.getJobId())).isEqualTo("prepared\nran\n");
      }
    }
  }

  private static List<Job> jobs(RunningProjects runner) {
    return runner.jobs.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList();
  }
}
