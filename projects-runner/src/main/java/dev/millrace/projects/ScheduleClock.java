package dev.millrace.projects;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the jobs of schedules. A job is made in the transaction that sets the schedule's next time,
 * so there is one for each time, whoever makes it; its run is made by the worker that takes it up,
 * as if its submission had broken off.
 */
final class ScheduleClock {

  private static final Logger log = LoggerFactory.getLogger(ScheduleClock.class);

  private static final int BATCH = 100;

  private final Database database;
  private final ScheduleStore store;
  private final JobStore jobs;

  ScheduleClock(Database database, ScheduleStore store, JobStore jobs) {
    this.database = database;
    this.store = store;
    this.jobs = jobs;
  }

  /** Makes the jobs of schedules whose time has come. */
  void fire() {
    for (long scheduleNo : database.read(tx -> store.due(tx, BATCH))) {
      try {
        database.change(tx -> fire(tx, scheduleNo));
      } catch (MillraceException e) {
        if (e.code() != ErrorCode.INVALID_PARAMETER_VALUE) {
          throw e;
        }
        // Its time zone is not known here, for instance.
        log.warn("A schedule is paused: {}", e.text());
        database.change(tx -> store.stop(tx, scheduleNo, e.text()));
      }
    }
  }

  private void fire(Tx tx, long scheduleNo) throws SQLException {
    ScheduleRow schedule = store.take(tx, scheduleNo);
    if (schedule == null || schedule.nextFireTime() == null) {
      return;
    }
    long due = schedule.nextFireTime();
    long now = JobStore.now(tx);
    String unfinished =
        schedule.overlap() == ScheduleRow.Overlap.SKIP
            ? store.unfinished(tx, schedule.scheduleId())
            : null;
    String message =
        unfinished == null
            ? null
            : "There was no job for the last time: job '%s' had not ended.".formatted(unfinished);
    // Whatever was missed until now, one job is enough for it.
    if (!store.advance(tx, scheduleNo, due, schedule.nextTime(now), message) || message != null) {
      return;
    }
    long fireTime = Cron.parse(schedule.cron()).last(due, now, Cron.zone(schedule.timeZone()));
    JobRow job =
        JobRow.draft(schedule.spec(), null, schedule.user(), 0, schedule.scheduleId(), fireTime);
    jobs.insert(tx, job, null, "", 0);
    store.made(tx, scheduleNo, job.jobId(), fireTime);
  }
}
