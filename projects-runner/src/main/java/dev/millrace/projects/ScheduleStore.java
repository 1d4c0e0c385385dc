package dev.millrace.projects;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code schedules}. */
final class ScheduleStore {

  private static final String NOW = JobStore.NOW;

  /** The columns that {@link #read} reads, in its order, of {@link #FROM}. */
  private static final String COLUMNS =
      """
      schedules.schedule_no, schedules.schedule_id, schedules.user_name, schedules.name,
      schedules.cron, schedules.time_zone, schedules.overlap, schedules.creation_time,
      schedules.next_fire_time, schedules.last_fire_time, schedules.last_job_id, last_job.state,
      COALESCE(schedules.message, last_job.message),\
      """
          + " "
          + SpecColumns.of("schedules");

  private static final int FIRST_OF_SPEC = 14;
  private static final int COLUMN_COUNT = FIRST_OF_SPEC - 1 + SpecColumns.COUNT;

  private static final String FROM =
      "schedules LEFT JOIN jobs AS last_job ON last_job.job_id = schedules.last_job_id";

  /** Adds a schedule; it is paused if it has no next time. */
  void insert(Tx tx, ScheduleRow row) throws SQLException {
    tx.update(
        """
        INSERT INTO schedules (schedule_id, workspace, user_name, name, cron, time_zone, overlap,
          %s, creation_time, next_fire_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, %s, ?, ?)
        """
            .formatted(SpecColumns.LIST, SpecColumns.MARKS),
        SpecColumns.values(
            Arrays.asList(
                row.scheduleId(),
                Workspace.DEFAULT,
                row.user(),
                row.name(),
                row.cron(),
                row.timeZone(),
                row.overlap().name()),
            row.spec(),
            Arrays.asList(row.creationTime(), row.nextFireTime())));
  }

  @Nullable ScheduleRow find(Tx tx, String scheduleId) throws SQLException {
    return tx.first(
        "SELECT %s FROM %s WHERE schedules.workspace = ? AND schedules.schedule_id = ?"
            .formatted(COLUMNS, FROM),
        ScheduleStore::read,
        Workspace.DEFAULT,
        scheduleId);
  }

  /** Keeps others from changing a schedule until this transaction ends. */
  boolean lock(Tx tx, String scheduleId) throws SQLException {
    return tx.first(
            "SELECT schedule_no FROM schedules WHERE workspace = ? AND schedule_id = ? FOR UPDATE",
            row -> row.longValue(1),
            Workspace.DEFAULT,
            scheduleId)
        != null;
  }

  /** The schedules whose next time has come, the longest waiting first. */
  List<Long> due(Tx tx, int most) throws SQLException {
    return tx.query(
        "SELECT schedule_no FROM schedules WHERE next_fire_time <= %s".formatted(NOW)
            + " ORDER BY next_fire_time LIMIT ?",
        row -> row.longValue(1),
        most);
  }

  /**
   * A schedule whose next time has come, and which nobody else changes until this transaction ends.
   *
   * @return null if somebody else has it, or has had it
   */
  @Nullable ScheduleRow take(Tx tx, long scheduleNo) throws SQLException {
    Long taken =
        tx.first(
            """
            SELECT schedule_no FROM schedules WHERE schedule_no = ? AND next_fire_time <= %s
            FOR UPDATE SKIP LOCKED
            """
                .formatted(NOW),
            row -> row.longValue(1),
            scheduleNo);
    return taken == null
        ? null
        : tx.first(
            "SELECT %s FROM %s WHERE schedules.schedule_no = ?".formatted(COLUMNS, FROM),
            ScheduleStore::read,
            scheduleNo);
  }

  /** A job of a schedule that has not ended; null if there is none. */
  @Nullable String unfinished(Tx tx, String scheduleId) throws SQLException {
    return tx.first(
        "SELECT job_id FROM jobs WHERE schedule_id = ? AND end_time IS NULL LIMIT 1",
        row -> row.string(1),
        scheduleId);
  }

  /**
   * A schedule's time has come.
   *
   * @param before its next time so far
   * @param next its next time from now on
   * @param message why there is no job; null if there is one
   * @return false if another has done it
   */
  boolean advance(Tx tx, long scheduleNo, long before, long next, @Nullable String message)
      throws SQLException {
    return tx.update(
            """
            UPDATE schedules SET next_fire_time = ?, message = ?
            WHERE schedule_no = ? AND next_fire_time = ?
            """,
            next,
            message,
            scheduleNo,
            before)
        == 1;
  }

  /**
   * A schedule has made a job.
   *
   * @param fireTime for which of its times; null if for none
   */
  void made(Tx tx, long scheduleNo, String jobId, @Nullable Long fireTime) throws SQLException {
    tx.update(
        """
        UPDATE schedules SET last_job_id = ?, last_fire_time = COALESCE(?, last_fire_time),
          message = NULL
        WHERE schedule_no = ?
        """,
        jobId,
        fireTime,
        scheduleNo);
  }

  /** Sets the next time; null pauses it. */
  void setNext(Tx tx, long scheduleNo, @Nullable Long next) throws SQLException {
    tx.update("UPDATE schedules SET next_fire_time = ? WHERE schedule_no = ?", next, scheduleNo);
  }

  /** Pauses a schedule that cannot go on. */
  void stop(Tx tx, long scheduleNo, String message) throws SQLException {
    tx.update(
        "UPDATE schedules SET next_fire_time = NULL, message = ? WHERE schedule_no = ?",
        message,
        scheduleNo);
  }

  /** Deletes a schedule; its jobs stay. */
  boolean delete(Tx tx, String scheduleId) throws SQLException {
    return tx.update(
            "DELETE FROM schedules WHERE workspace = ? AND schedule_id = ?",
            Workspace.DEFAULT,
            scheduleId)
        == 1;
  }

  /** All schedules, the newest first. */
  static PageQuery query() {
    return new PageQuery(
        COLUMNS,
        COLUMN_COUNT,
        List.of(
            new Segment(
                List.of(
                    new Branch(
                        Sql.of(FROM),
                        Sql.of("schedules.workspace = ?", Workspace.DEFAULT),
                        List.of("schedules.workspace"))),
                List.of(SortKey.of("schedules.schedule_no", SortKey.Type.WHOLE, false)))));
  }

  /** Reads {@link #COLUMNS}. */
  static ScheduleRow read(Row row) throws SQLException {
    return new ScheduleRow(
        row.longValue(1),
        row.string(2),
        row.string(3),
        row.string(4),
        row.string(5),
        row.string(6),
        ScheduleRow.Overlap.valueOf(row.string(7)),
        SpecColumns.read(row, FIRST_OF_SPEC),
        row.longValue(8),
        row.longOrNull(9),
        row.longOrNull(10),
        row.stringOrNull(11),
        row.stringOrNull(12),
        row.stringOrNull(13));
  }
}
