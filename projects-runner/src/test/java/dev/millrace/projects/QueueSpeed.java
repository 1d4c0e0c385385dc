package dev.millrace.projects;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.engine.Resources;
import dev.millrace.testing.Postgres;
import dev.millrace.testing.Together;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Measures how many jobs a second are taken out of a queue: {@code QueueSpeed [URL]}, on a new
 * PostgreSQL unless told otherwise. Run it by hand, on a machine that does nothing else.
 */
final class QueueSpeed {

  private static final int JOBS = 10_000;
  private static final long LEASE = 600_000;

  private QueueSpeed() {}

  /** Prints a line for each way to claim. */
  public static void main(String[] arguments) throws Exception {
    String url = arguments.length > 0 ? arguments[0] : Postgres.newDatabase();
    try (Database database = Database.open("projects-runner", DatabaseUrl.parse(url), 16)) {
      // The first round warms up.
      for (int[] way : new int[][] {{1, 1}, {1, 1}, {1, 4}, {4, 4}, {8, 4}, {2, 50}}) {
        fill(database);
        long start = System.nanoTime();
        int taken = drain(database, way[0], way[1]);
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        System.out.printf(
            "%d runners, %d jobs at a time: %d taken, %.0f a second%n",
            way[0], way[1], taken, taken / seconds);
      }
    }
    System.exit(0);
  }

  private static void fill(Database database) {
    JobSpec spec =
        new JobSpec(
            new JobSource.Git("https://example.com/x.git", null, null),
            "main",
            Map.of("alpha", "0.5"),
            "0",
            "",
            "uv",
            null,
            0,
            0,
            Resources.ANY);
    JobStore store = new JobStore();
    database.change(tx -> tx.update("DELETE FROM jobs"));
    database.change(
        tx -> {
          for (int i : IntStream.range(0, JOBS).toArray()) {
            store.insert(
                tx, JobRow.draft(spec, null, "u" + i % 100, 0, null, null), null, "", LEASE);
          }
          tx.update("UPDATE jobs SET state = 'QUEUED', run_id = job_id");
        });
    database.change(tx -> tx.update("ANALYZE"));
  }

  /** Takes all that there is; how many that were. */
  private static int drain(Database database, int runners, int most) {
    QueueStore queue = new QueueStore();
    AtomicInteger taken = new AtomicInteger();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Together.run(
        runners,
        runner -> {
          while (taken.get() < JOBS && System.nanoTime() < end) {
            List<JobRow> jobs =
                database.transaction(
                    tx -> queue.claim(tx, "r" + runner, LEASE, 0, most, QueueStore.Limits.NONE));
            taken.addAndGet(jobs.size());
          }
        });
    return taken.get();
  }
}
