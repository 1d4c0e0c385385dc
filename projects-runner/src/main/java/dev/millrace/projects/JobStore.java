package dev.millrace.projects;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables {@code jobs} and {@code job_attempts}, as what users see of them. */
final class JobStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      jobs.job_no, jobs.job_id, jobs.user_name, jobs.state, jobs.depth, jobs.run_id,
      jobs.parent_run_id, jobs.creation_time, jobs.start_time, jobs.end_time, jobs.cancel_time,
      jobs.fence, jobs.attempts, jobs.site, jobs.attempt_name, jobs.exit_code, jobs.message,
      jobs.schedule_id, jobs.fire_time,\
      """
          + " "
          + SpecColumns.of("jobs");

  private static final int FIRST_OF_SPEC = 20;
  private static final int COLUMN_COUNT = FIRST_OF_SPEC - 1 + SpecColumns.COUNT;

  /** The database's clock, in milliseconds since the epoch. */
  static final String NOW = "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)";

  /** How a job that is handed in again is compared with the one before. */
  record Known(JobRow job, String requestDigest) {}

  /**
   * Adds a job that is still being submitted: state CLAIMED, nobody's, until the lease ends.
   *
   * @param idempotencyKey null for none
   * @return its number
   * @throws MillraceException RESOURCE_ALREADY_EXISTS if there is a job with this key
   */
  long insert(
      Tx tx, JobRow job, @Nullable String idempotencyKey, String requestDigest, long leaseMillis)
      throws SQLException {
    tx.upsert(
        "INSERT INTO job_users (user_name) VALUES (?) ON CONFLICT (user_name) DO NOTHING",
        "MERGE INTO job_users (user_name) KEY (user_name) VALUES (?)",
        job.user());
    tx.upsert(
        "INSERT INTO job_workspaces (workspace) VALUES (?) ON CONFLICT (workspace) DO NOTHING",
        "MERGE INTO job_workspaces (workspace) KEY (workspace) VALUES (?)",
        Workspace.DEFAULT);
    try {
      return tx.insert(
          """
          INSERT INTO jobs (job_id, workspace, user_name, idempotency_key, request_digest, depth,
            parent_run_id, %2$s, schedule_id, fire_time, state, creation_time, fence, lease_until,
            attempts)
          VALUES (?, ?, ?, ?, ?, ?, ?, %3$s, ?, ?, 'CLAIMED', %1$s, 1, %1$s + ?, 0)
          """
              .formatted(NOW, SpecColumns.LIST, SpecColumns.MARKS),
          "job_no",
          SpecColumns.values(
              Arrays.asList(
                  job.jobId(),
                  Workspace.DEFAULT,
                  job.user(),
                  idempotencyKey,
                  requestDigest,
                  job.depth(),
                  job.parentRunId()),
              job.spec(),
              Arrays.asList(job.scheduleId(), job.fireTime(), leaseMillis)));
    } catch (SQLException e) {
      if (idempotencyKey != null && Database.isConstraintViolation(e)) {
        throw MillraceException.alreadyExists("There is a job with this idempotency_key.");
      }
      throw e;
    }
  }

  /** The job with an idempotency key. */
  @Nullable Known findByKey(Tx tx, String idempotencyKey) throws SQLException {
    return tx.first(
        "SELECT "
            + COLUMNS
            + ", jobs.request_digest FROM jobs WHERE workspace = ? AND idempotency_key = ?",
        row -> new Known(read(row), row.string(COLUMN_COUNT + 1)),
        Workspace.DEFAULT,
        idempotencyKey);
  }

  /** The database's time, in milliseconds since the epoch. */
  static long now(Tx tx) throws SQLException {
    return Objects.requireNonNull(tx.first("SELECT " + NOW, row -> row.longValue(1)));
  }

  @Nullable JobRow find(Tx tx, String jobId) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM jobs WHERE workspace = ? AND job_id = ?",
        JobStore::read,
        Workspace.DEFAULT,
        jobId);
  }

  /** The job whose attempt, which has not ended, has a token with this hash. */
  @Nullable JobRow findByToken(Tx tx, String hash) throws SQLException {
    return tx.first(
        "SELECT "
            + COLUMNS
            + " FROM job_attempts JOIN jobs ON jobs.job_no = job_attempts.job_no"
            + " WHERE job_attempts.token_hash = ? AND job_attempts.end_time IS NULL"
            + " AND jobs.run_id IS NOT NULL",
        JobStore::read,
        hash);
  }

  /** A job that nobody else changes until this transaction ends. */
  @Nullable JobRow lock(Tx tx, String jobId) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM jobs WHERE workspace = ? AND job_id = ? FOR UPDATE",
        JobStore::read,
        Workspace.DEFAULT,
        jobId);
  }

  /** Those of some snapshots that a job needs which has not ended, or a schedule. */
  Set<String> needed(Tx tx, Set<String> snapshots) throws SQLException {
    Object some = snapshots.toArray(String[]::new);
    return new HashSet<>(
        tx.query(
            """
            SELECT snapshot_sha256 FROM jobs WHERE snapshot_sha256 = ANY(?)
              AND state IN ('QUEUED', 'CLAIMED', 'PREPARING', 'RUNNING', 'NEEDS_RECOVERY')
            UNION
            SELECT snapshot_sha256 FROM schedules WHERE snapshot_sha256 = ANY(?)
            """,
            row -> row.string(1),
            some,
            some));
  }

  /** How deep the unfinished job of a run is; null if there is none. */
  @Nullable Long depth(Tx tx, String runId) throws SQLException {
    return tx.first(
        "SELECT depth FROM jobs WHERE run_id = ? AND end_time IS NULL",
        row -> row.longValue(1),
        runId);
  }

  /** Takes back a job whose submission failed. */
  void delete(Tx tx, JobRow job) throws SQLException {
    tx.update("DELETE FROM jobs WHERE job_no = ? AND fence = ?", job.jobNo(), job.fence());
  }

  /** A user wants a job cancelled that somebody has in hand. */
  void requestCancel(Tx tx, long jobNo) throws SQLException {
    tx.update(
        "UPDATE jobs SET cancel_time = " + NOW + " WHERE job_no = ? AND cancel_time IS NULL",
        jobNo);
  }

  /**
   * Takes a job that the caller has locked out of everybody's hands: whoever still has it there
   * finds that the fence has grown.
   *
   * @param isCancelled whether that is to end it
   */
  void seize(Tx tx, long jobNo, boolean isCancelled, long leaseMillis) throws SQLException {
    tx.update(
        """
        UPDATE jobs SET state = 'CLAIMED', fence = fence + 1, owner = NULL, site = NULL,
          start_time = NULL, end_time = NULL, exit_code = NULL, message = NULL,
          cancel_time = CASE WHEN ? THEN %1$s END, lease_until = %1$s + ?
        WHERE job_no = ?
        """
            .formatted(NOW),
        isCancelled,
        leaseMillis,
        jobNo);
    tx.update(
        "UPDATE job_attempts SET end_time = " + NOW + " WHERE job_no = ? AND end_time IS NULL",
        jobNo);
  }

  /**
   * Jobs, the newest first.
   *
   * @param state null for all
   * @param experimentId null for all
   * @param scheduleId null for all, also those of none
   */
  static PageQuery query(
      @Nullable JobState state, @Nullable String experimentId, @Nullable String scheduleId) {
    Sql where = Sql.of("jobs.workspace = ?", Workspace.DEFAULT);
    if (state != null) {
      where.add(" AND jobs.state = ?", state.name());
    }
    if (experimentId != null) {
      where.add(" AND jobs.experiment_id = ?", experimentId);
    }
    if (scheduleId != null) {
      where.add(" AND jobs.schedule_id = ?", scheduleId);
    }
    return new PageQuery(
        COLUMNS,
        COLUMN_COUNT,
        List.of(
            new Segment(
                List.of(new Branch(Sql.of("jobs"), where, List.of("jobs.workspace"))),
                List.of(SortKey.of("jobs.job_no", SortKey.Type.WHOLE, false)))));
  }

  /** Reads {@link #COLUMNS}. */
  static JobRow read(Row row) throws SQLException {
    Long exitCode = row.longOrNull(16);
    return new JobRow(
        row.longValue(1),
        row.string(2),
        row.string(3),
        JobState.valueOf(row.string(4)),
        row.intValue(5),
        SpecColumns.read(row, FIRST_OF_SPEC),
        row.stringOrNull(6),
        row.stringOrNull(7),
        row.stringOrNull(18),
        row.longOrNull(19),
        row.longValue(8),
        row.longOrNull(9),
        row.longOrNull(10),
        row.longOrNull(11),
        row.longValue(12),
        row.intValue(13),
        row.stringOrNull(14),
        row.stringOrNull(15),
        exitCode == null ? null : exitCode.intValue(),
        row.stringOrNull(17));
  }
}
