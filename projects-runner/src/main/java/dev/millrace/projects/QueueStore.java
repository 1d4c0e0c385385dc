package dev.millrace.projects;

import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code jobs} as a queue. Whoever takes a job out gets it with a new fence and a lease;
 * every later write names the fence, and changes nothing if it has grown since. Leases are by the
 * database's clock alone.
 */
final class QueueStore {

  private static final String NOW = JobStore.NOW;

  private static final String IN_HAND = "('CLAIMED', 'PREPARING', 'RUNNING', 'NEEDS_RECOVERY')";

  /**
   * What the database says of a job that this process has in hand.
   *
   * @param isCancelled whether a user wants it cancelled
   */
  record Sign(long jobNo, long fence, boolean isCancelled) {}

  /**
   * How many jobs may be in hand at once at each depth, wherever they are; 0 for no limit.
   *
   * @param perUser of one user
   * @param perWorkspace of one workspace
   */
  record Limits(int perUser, int perWorkspace) {

    static final Limits NONE = new Limits(0, 0);
  }

  private record Candidate(long jobNo, String user, String workspace) {}

  /**
   * Whose jobs are counted.
   *
   * @param column of jobs that names it
   * @param table with a row for each, which is locked while that is decided
   */
  private record Owner(String column, String table, Function<Candidate, String> name) {

    static final Owner USER = new Owner("user_name", "job_users", Candidate::user);
    static final Owner WORKSPACE = new Owner("workspace", "job_workspaces", Candidate::workspace);

    /** A condition that leaves out those who have as many in hand as they may. */
    void exclude(Sql sql, int depth, int limit) {
      if (limit > 0) {
        sql.add(
            (" AND %1$s NOT IN (SELECT busy.%1$s FROM jobs AS busy WHERE busy.state IN "
                    + IN_HAND
                    + " AND busy.depth = ? GROUP BY busy.%1$s HAVING COUNT(*) >= ?)")
                .formatted(column),
            depth,
            limit);
      }
    }

    /**
     * How many each of those whose the candidates are has in hand: nobody else counts meanwhile.
     */
    Map<String, Integer> busy(Tx tx, List<Candidate> candidates, int depth) throws SQLException {
      Object names = candidates.stream().map(name).distinct().toArray(String[]::new);
      tx.query(
          "SELECT %1$s FROM %2$s WHERE %1$s = ANY(?) ORDER BY %1$s FOR UPDATE"
              .formatted(column, table),
          row -> row.string(1),
          names);
      Map<String, Integer> busy = new HashMap<>();
      tx.query(
          ("SELECT %1$s, COUNT(*) FROM jobs WHERE state IN "
                  + IN_HAND
                  + " AND depth = ? AND %1$s = ANY(?) GROUP BY %1$s")
              .formatted(column),
          row -> busy.put(row.string(1), row.intValue(2)),
          depth,
          names);
      return busy;
    }
  }

  /**
   * Takes jobs out of the queue: the greatest priority first, then the oldest. What another process
   * is taking at this moment is passed over, not waited for.
   *
   * @param depth of the jobs
   * @param most how many
   */
  List<JobRow> claim(Tx tx, String owner, long leaseMillis, int depth, int most, Limits limits)
      throws SQLException {
    Sql sql =
        Sql.of(
            "SELECT job_no, user_name, workspace FROM jobs WHERE state = 'QUEUED' AND depth = ?",
            depth);
    Owner.USER.exclude(sql, depth, limits.perUser());
    Owner.WORKSPACE.exclude(sql, depth, limits.perWorkspace());
    sql.add(" ORDER BY state, depth, priority DESC, job_no LIMIT ? FOR UPDATE SKIP LOCKED", most);
    List<Candidate> candidates =
        tx.query(
            sql.text(),
            row -> new Candidate(row.longValue(1), row.string(2), row.string(3)),
            sql.arguments());
    // In the same order everywhere, as both lock rows.
    candidates = allowed(tx, candidates, Owner.USER, depth, limits.perUser());
    candidates = allowed(tx, candidates, Owner.WORKSPACE, depth, limits.perWorkspace());
    if (candidates.isEmpty()) {
      return List.of();
    }
    Object numbers = candidates.stream().map(Candidate::jobNo).toArray(Long[]::new);
    tx.update(
        """
        UPDATE jobs SET state = 'CLAIMED', owner = ?, fence = fence + 1, lease_until = %s + ?
        WHERE job_no = ANY(?) AND state = 'QUEUED'
        """
            .formatted(NOW),
        owner,
        leaseMillis,
        numbers);
    return tx.query(
        "SELECT "
            + JobStore.COLUMNS
            + " FROM jobs WHERE job_no = ANY(?) AND owner = ? AND state = 'CLAIMED'"
            + " ORDER BY priority DESC, job_no",
        JobStore::read,
        numbers,
        owner);
  }

  /** Those that a limit leaves. */
  private static List<Candidate> allowed(
      Tx tx, List<Candidate> candidates, Owner owner, int depth, int limit) throws SQLException {
    if (limit == 0 || candidates.isEmpty()) {
      return candidates;
    }
    Map<String, Integer> busy = owner.busy(tx, candidates, depth);
    List<Candidate> allowed = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (busy.merge(owner.name().apply(candidate), 1, Integer::sum) <= limit) {
        allowed.add(candidate);
      }
    }
    return allowed;
  }

  /**
   * Takes jobs over from processes whose lease has ended. What may have been started at another
   * site stays untouched: only there can be told what became of it.
   *
   * @param site where this process's engine is
   */
  List<JobRow> takeOver(Tx tx, String owner, String site, long leaseMillis, int most)
      throws SQLException {
    Object numbers =
        tx.query(
                """
                SELECT job_no FROM jobs
                WHERE state IN %s AND lease_until < %s AND (site IS NULL OR site = ?)
                ORDER BY job_no LIMIT ? FOR UPDATE SKIP LOCKED
                """
                    .formatted(IN_HAND, NOW),
                row -> row.longValue(1),
                site,
                most)
            .toArray(Long[]::new);
    if (((Long[]) numbers).length == 0) {
      return List.of();
    }
    tx.update(
        """
        UPDATE jobs SET owner = ?, fence = fence + 1, lease_until = %1$s + ?
        WHERE job_no = ANY(?) AND state IN %2$s AND lease_until < %1$s
        """
            .formatted(NOW, IN_HAND),
        owner,
        leaseMillis,
        numbers);
    return tx.query(
        "SELECT "
            + JobStore.COLUMNS
            + " FROM jobs WHERE job_no = ANY(?) AND owner = ? ORDER BY job_no",
        JobStore::read,
        numbers,
        owner);
  }

  /** Marks what has waited for its own site for another lease. */
  int markForRecovery(Tx tx, String site, long leaseMillis) throws SQLException {
    return tx.update(
        """
        UPDATE jobs SET state = 'NEEDS_RECOVERY'
        WHERE state IN ('PREPARING', 'RUNNING') AND lease_until < %s - ? AND site <> ?
        """
            .formatted(NOW),
        leaseMillis,
        site);
  }

  /** Renews the lease of everything that this process has in hand, and tells what that is. */
  List<Sign> heartbeat(Tx tx, String owner, long leaseMillis) throws SQLException {
    tx.update(
        """
        UPDATE jobs SET lease_until = %s + ?, state = CASE
            WHEN state <> 'NEEDS_RECOVERY' THEN state
            WHEN start_time IS NULL THEN 'PREPARING' ELSE 'RUNNING' END
        WHERE owner = ?
        """
            .formatted(NOW),
        leaseMillis,
        owner);
    return tx.query(
        "SELECT job_no, fence, cancel_time FROM jobs WHERE owner = ?",
        row -> new Sign(row.longValue(1), row.longValue(2), row.longOrNull(3) != null),
        owner);
  }

  /** Ends the leases of a process that stops, so that the next one need not wait. */
  void release(Tx tx, String owner) throws SQLException {
    tx.update("UPDATE jobs SET lease_until = 0 WHERE owner = ?", owner);
  }

  /** A job that was being submitted has its run. */
  boolean setRun(Tx tx, JobRow job, String runId) throws SQLException {
    return tx.update(
            "UPDATE jobs SET run_id = ? WHERE job_no = ? AND fence = ?",
            runId,
            job.jobNo(),
            job.fence())
        == 1;
  }

  /**
   * Puts a job back into the queue, at its old place.
   *
   * @param wasStarted whether its command has run
   * @return false if somebody else has it, or a user wants it cancelled
   */
  boolean enqueue(Tx tx, JobRow job, boolean wasStarted, @Nullable Integer exitCode)
      throws SQLException {
    int changed =
        tx.update(
            """
            UPDATE jobs SET state = 'QUEUED', owner = NULL, lease_until = 0, site = NULL,
              start_time = NULL, exit_code = NULL, attempts = attempts - ?
            WHERE job_no = ? AND fence = ? AND cancel_time IS NULL
            """,
            !wasStarted && job.site() != null ? 1 : 0,
            job.jobNo(),
            job.fence());
    if (changed == 1 && job.site() != null) {
      if (wasStarted) {
        endAttempt(tx, job, exitCode);
      } else {
        tx.update(
            "DELETE FROM job_attempts WHERE job_no = ? AND attempt = ?",
            job.jobNo(),
            job.attempts());
      }
    }
    return changed == 1;
  }

  /**
   * Notes, before anything is done, that a job is going to be started here: state PREPARING.
   *
   * @param tokenHash of the token that the command is going to get
   * @return the job as it is now; null if somebody else has it
   */
  @Nullable JobRow beginAttempt(Tx tx, JobRow job, String site, String name, String tokenHash)
      throws SQLException {
    int changed =
        tx.update(
            """
            UPDATE jobs SET state = 'PREPARING', attempts = attempts + 1, site = ?,
              attempt_name = ?
            WHERE job_no = ? AND fence = ?
            """,
            site,
            name,
            job.jobNo(),
            job.fence());
    if (changed == 0) {
      return null;
    }
    tx.update(
        """
        INSERT INTO job_attempts (job_no, attempt, name, site, creation_time, token_hash)
        SELECT job_no, attempts, attempt_name, site, %s, ? FROM jobs WHERE job_no = ?
        """
            .formatted(NOW),
        tokenHash,
        job.jobNo());
    return tx.first(
        "SELECT " + JobStore.COLUMNS + " FROM jobs WHERE job_no = ?", JobStore::read, job.jobNo());
  }

  /**
   * Notes that a command is going to be started, or was found running.
   *
   * @return for how long it has run, in milliseconds; null if somebody else has the job
   */
  @Nullable Long run(Tx tx, JobRow job) throws SQLException {
    int changed =
        tx.update(
            """
            UPDATE jobs SET state = 'RUNNING', start_time = COALESCE(start_time, %s)
            WHERE job_no = ? AND fence = ?
            """
                .formatted(NOW),
            job.jobNo(),
            job.fence());
    if (changed == 0) {
      return null;
    }
    return tx.first(
        "SELECT %s - start_time FROM jobs WHERE job_no = ?".formatted(NOW),
        row -> row.longValue(1),
        job.jobNo());
  }

  /**
   * From now on the token of a job's attempt is nobody's.
   *
   * @return false if somebody else has the job
   */
  boolean revoke(Tx tx, JobRow job) throws SQLException {
    return tx.update(
            """
            UPDATE job_attempts SET token_hash = NULL
            WHERE job_no = ? AND attempt = ?
              AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_no = job_attempts.job_no AND fence = ?)
            """,
            job.jobNo(),
            job.attempts(),
            job.fence())
        == 1;
  }

  /**
   * Ends a job.
   *
   * @return false if somebody else has it
   */
  boolean end(
      Tx tx, JobRow job, JobState state, @Nullable Integer exitCode, @Nullable String message)
      throws SQLException {
    int changed =
        tx.update(
            """
            UPDATE jobs SET state = ?, end_time = %s, owner = NULL, lease_until = 0,
              exit_code = ?, message = ?
            WHERE job_no = ? AND fence = ? AND end_time IS NULL
            """
                .formatted(NOW),
            state.name(),
            exitCode,
            message,
            job.jobNo(),
            job.fence());
    if (changed == 1 && job.site() != null) {
      endAttempt(tx, job, exitCode);
    }
    return changed == 1;
  }

  private static void endAttempt(Tx tx, JobRow job, @Nullable Integer exitCode)
      throws SQLException {
    tx.update(
        """
        UPDATE job_attempts SET end_time = %s, exit_code = ?
        WHERE job_no = ? AND attempt = ? AND end_time IS NULL
        """
            .formatted(NOW),
        exitCode,
        job.jobNo(),
        job.attempts());
  }

  /** The names of the attempts of jobs that somebody has in hand, anywhere. */
  List<String> unfinished(Tx tx) throws SQLException {
    return tx.query(
        "SELECT attempt_name FROM jobs WHERE state IN " + IN_HAND + " AND attempt_name IS NOT NULL",
        row -> row.string(1));
  }
}
