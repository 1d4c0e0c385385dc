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
import dev.millrace.projects.engine.Resources;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables {@code jobs} and {@code job_attempts}, as what users see of them. */
final class JobStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      jobs.job_no, jobs.job_id, jobs.user_name, jobs.state, jobs.priority, jobs.depth,
      jobs.experiment_id, jobs.run_id, jobs.run_name, jobs.parent_run_id, jobs.source_uri,
      jobs.source_version, jobs.source_subdirectory, jobs.snapshot_sha256, jobs.git_commit,
      jobs.git_repo_url, jobs.git_branch, jobs.entry_point, jobs.parameters, jobs.env_manager,
      jobs.timeout_seconds, jobs.max_retries, jobs.creation_time, jobs.start_time, jobs.end_time,
      jobs.cancel_time, jobs.fence, jobs.attempts, jobs.site, jobs.attempt_name, jobs.exit_code,
      jobs.message, jobs.cpus, jobs.memory_bytes, jobs.gpus, jobs.schedule_id, jobs.fire_time\
      """;

  private static final int COLUMN_COUNT = 37;

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
    JobSource.Git git = job.source() instanceof JobSource.Git g ? g : null;
    JobSource.Snapshot snapshot = job.source() instanceof JobSource.Snapshot s ? s : null;
    tx.upsert(
        "INSERT INTO job_users (user_name) VALUES (?) ON CONFLICT (user_name) DO NOTHING",
        "MERGE INTO job_users (user_name) KEY (user_name) VALUES (?)",
        job.user());
    try {
      return tx.insert(
          """
          INSERT INTO jobs (job_id, workspace, user_name, idempotency_key, request_digest, state,
            priority, depth, experiment_id, run_name, parent_run_id, source_uri, source_version,
            source_subdirectory, snapshot_sha256, git_commit, git_repo_url, git_branch,
            entry_point, parameters, env_manager, timeout_seconds, max_retries, cpus, memory_bytes,
            gpus, schedule_id, fire_time, creation_time, fence, lease_until, attempts)
          VALUES (?, ?, ?, ?, ?, 'CLAIMED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
            ?, ?, ?, %1$s, 1, %1$s + ?, 0)
          """
              .formatted(NOW),
          "job_no",
          job.jobId(),
          Workspace.DEFAULT,
          job.user(),
          idempotencyKey,
          requestDigest,
          job.priority(),
          job.depth(),
          job.experimentId(),
          job.runName(),
          job.parentRunId(),
          git == null ? job.source().name() : git.uri(),
          git == null ? null : git.version(),
          git == null ? null : git.subdirectory(),
          snapshot == null ? null : snapshot.sha256(),
          snapshot == null ? null : snapshot.commit(),
          snapshot == null ? null : snapshot.repoUrl(),
          snapshot == null ? null : snapshot.branch(),
          job.entryPoint(),
          ParameterList.write(job.parameters()),
          job.envManager(),
          job.timeoutSeconds(),
          job.maxRetries(),
          job.resources().cpus(),
          job.resources().memoryBytes(),
          job.resources().gpus(),
          job.scheduleId(),
          job.fireTime(),
          leaseMillis);
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
    Long exitCode = row.longOrNull(31);
    return new JobRow(
        row.longValue(1),
        row.string(2),
        row.string(3),
        JobState.valueOf(row.string(4)),
        row.intValue(5),
        row.intValue(6),
        row.string(7),
        row.stringOrNull(8),
        row.string(9),
        row.stringOrNull(10),
        source(row, 11),
        row.string(18),
        ParameterList.read(row.string(19)),
        row.stringOrNull(20),
        row.longOrNull(21),
        row.intValue(22),
        resources(row, 33),
        row.stringOrNull(36),
        row.longOrNull(37),
        row.longValue(23),
        row.longOrNull(24),
        row.longOrNull(25),
        row.longOrNull(26),
        row.longValue(27),
        row.intValue(28),
        row.stringOrNull(29),
        row.stringOrNull(30),
        exitCode == null ? null : exitCode.intValue(),
        row.stringOrNull(32));
  }

  /**
   * Reads source_uri, source_version, source_subdirectory, snapshot_sha256, git_commit,
   * git_repo_url, git_branch.
   *
   * @param first the column of the first of them
   */
  static JobSource source(Row row, int first) throws SQLException {
    String snapshot = row.stringOrNull(first + 3);
    return snapshot == null
        ? new JobSource.Git(
            row.string(first), row.stringOrNull(first + 1), row.stringOrNull(first + 2))
        : new JobSource.Snapshot(
            snapshot,
            row.string(first),
            row.stringOrNull(first + 4),
            row.stringOrNull(first + 5),
            row.stringOrNull(first + 6));
  }

  /**
   * Reads cpus, memory_bytes, gpus.
   *
   * @param first the column of the first of them
   */
  static Resources resources(Row row, int first) throws SQLException {
    Long gpus = row.longOrNull(first + 2);
    return new Resources(
        row.doubleOrNull(first), row.longOrNull(first + 1), gpus == null ? null : gpus.intValue());
  }
}
