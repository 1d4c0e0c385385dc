package dev.millrace.standalone;

import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.Job;
import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the memory of a runner: with nothing to do, with 100 jobs that run ({@code sleep}), and
 * with 10,000 besides that wait. Run it by hand; it takes a minute.
 */
final class RunnerMemory {

  private static final int RUNNING = 100;
  private static final int QUEUED = 10_000;
  private static final int SETTLE_SECONDS = 8;

  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  private RunnerMemory() {}

  /** Prints a line for each. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("millrace-memory");
    String url = Postgres.newDatabase();
    try (MillraceProcess tracking =
            MillraceProcess.startService(
                dev.millrace.tracking.Main.class,
                folder,
                "--millrace.tracking-store.database-url=" + H2.in(folder),
                "--millrace.tracking-store.listen=127.0.0.1:0");
        RunnerProcess runner =
            new RunnerProcess(List.of(), folder, url, tracking.address(), RUNNING)) {
      print("nothing to do", runner);
      Map<String, String> files =
          Map.of("MLproject", "entry_points: {main: {command: 'exec sleep 600'}}");
      String sha256 = runner.upload(files);
      List<Job> jobs = new ArrayList<>();
      for (int i = 0; i <= RUNNING; i++) {
        jobs.add(runner.create(sha256));
      }
      for (Job job : jobs.subList(0, RUNNING)) {
        runner.await(job, "RUNNING");
      }
      print(RUNNING + " jobs run", runner);
      // The one job that waits becomes many.
      int made =
          execute(
              url,
              """
              INSERT INTO jobs (job_id, workspace, user_name, request_digest, state, priority,
                depth, experiment_id, run_id, run_name, source_uri, snapshot_sha256, entry_point,
                parameters, env_manager, max_retries, creation_time, fence, lease_until, attempts)
              SELECT md5(i::text), workspace, user_name, request_digest, state, -1, depth,
                experiment_id, run_id, run_name, source_uri, snapshot_sha256, entry_point,
                parameters, env_manager, max_retries, creation_time, fence, lease_until, attempts
              FROM jobs, generate_series(1, %d) AS i WHERE state = 'QUEUED'
              """
                  .formatted(QUEUED));
      if (made != QUEUED) {
        throw new IllegalStateException(made + " jobs were made");
      }
      print(RUNNING + " jobs run, " + QUEUED + " wait", runner);
      execute(url, "DELETE FROM jobs WHERE priority = -1");
      for (Job job : jobs) {
        var _ =
            runner.jobs.cancelJob(CancelJobRequest.newBuilder().setJobId(job.getJobId()).build());
      }
      for (Job job : jobs) {
        runner.await(job, "KILLED");
      }
    }
    System.exit(0);
  }

  private static int execute(String databaseUrl, String sql) throws Exception {
    DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
    try (Connection connection =
            DriverManager.getConnection(url.jdbcUrl(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static void print(String state, RunnerProcess runner) throws Exception {
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    long before = resident(runner.pid());
    jcmd(runner.pid(), "GC.run");
    long used = 0;
    Matcher matcher = USED.matcher(jcmd(runner.pid(), "GC.heap_info"));
    while (matcher.find()) {
      used += Long.parseLong(matcher.group(1));
    }
    System.out.printf(
        "%s: resident %d MiB, heap in use behind a collection %.1f MiB%n",
        state, before / 1024, used / 1024.0);
  }

  /** In KiB. */
  private static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", "" + pid, "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private static String jcmd(long pid, String command) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                "" + pid,
                command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
    return output;
  }
}
