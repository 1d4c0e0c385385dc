package dev.millrace.projects;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Schedules as their users see them. */
final class Schedules {

  private static final int MAX_NAME = 250;

  private final Database database;
  private final ScheduleStore store;
  private final Jobs jobs;
  private final Recorder recorder;

  Schedules(Database database, ScheduleStore store, Jobs jobs, Recorder recorder) {
    this.database = database;
    this.store = store;
    this.jobs = jobs;
    this.recorder = recorder;
  }

  /**
   * Adds a schedule.
   *
   * @param name empty for none
   * @param timeZone empty for UTC
   * @param overlap empty for skip
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong;
   *     RESOURCE_DOES_NOT_EXIST if the experiment does not exist
   */
  ScheduleRow create(
      String name,
      String cron,
      String timeZone,
      String overlap,
      boolean isPaused,
      Submission submission) {
    Cron times = Cron.parse(cron);
    ZoneId zone = Cron.zone(timeZone.isEmpty() ? "UTC" : timeZone);
    ScheduleRow.Overlap policy = overlap(overlap);
    new Limit("name", MAX_NAME).check(name);
    refuse("job.parent_run_id", submission.parentRunId());
    refuse("job.idempotency_key", submission.idempotencyKey());
    jobs.check(submission);
    recorder.requireActive(submission.spec().experimentId());
    String scheduleId = JobRow.newId();
    database.change(
        tx -> {
          long now = JobStore.now(tx);
          store.insert(
              tx,
              new ScheduleRow(
                  0,
                  scheduleId,
                  Objects.requireNonNullElse(Caller.current().user(), ""),
                  name,
                  cron.strip(),
                  zone.getId(),
                  policy,
                  submission.spec(),
                  now,
                  isPaused ? null : times.next(now, zone),
                  null,
                  null,
                  null,
                  null));
        });
    return get(scheduleId);
  }

  private static ScheduleRow.Overlap overlap(String text) {
    if (text.isEmpty()) {
      return ScheduleRow.Overlap.SKIP;
    }
    for (ScheduleRow.Overlap each : ScheduleRow.Overlap.values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw MillraceException.invalidParameter(
        "Invalid value '%s' for parameter 'overlap' supplied: it must be skip or allow."
            .formatted(text));
  }

  private static void refuse(String parameter, @Nullable String value) {
    if (value != null) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter '%s' supplied: jobs of a schedule have none."
              .formatted(parameter));
    }
  }

  /**
   * A schedule.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  ScheduleRow get(String scheduleId) {
    ScheduleRow schedule = database.<@Nullable ScheduleRow>read(tx -> store.find(tx, scheduleId));
    if (schedule == null) {
      throw missing(scheduleId);
    }
    return schedule;
  }

  /**
   * A page of schedules, the newest first.
   *
   * @param maxResults 1 to 1,000; null for 100
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the parameter that is wrong
   */
  Page<ScheduleRow> list(@Nullable Long maxResults, String pageToken) {
    return Pages.read(
        database,
        ScheduleStore.query(),
        List.of("schedules"),
        maxResults,
        pageToken,
        ScheduleStore::read);
  }

  /**
   * Makes no more jobs.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  ScheduleRow pause(String scheduleId) {
    database.change(tx -> store.setNext(tx, lock(tx, scheduleId).scheduleNo(), null));
    return get(scheduleId);
  }

  /**
   * Makes jobs again, from the next time on.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  ScheduleRow resume(String scheduleId) {
    database.change(
        tx -> {
          ScheduleRow schedule = lock(tx, scheduleId);
          if (schedule.nextFireTime() == null) {
            store.setNext(tx, schedule.scheduleNo(), schedule.nextTime(JobStore.now(tx)));
          }
        });
    return get(scheduleId);
  }

  /**
   * Makes a job now, whatever else there is.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; what is wrong with the job
   */
  JobRow run(String scheduleId) {
    ScheduleRow schedule = get(scheduleId);
    JobRow job = jobs.create(new Submission(schedule.spec(), null, null, ""), scheduleId);
    database.change(tx -> store.made(tx, schedule.scheduleNo(), job.jobId(), null));
    return job;
  }

  /**
   * Deletes a schedule; its jobs go on.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void delete(String scheduleId) {
    if (!database.transaction(tx -> store.delete(tx, scheduleId))) {
      throw missing(scheduleId);
    }
  }

  private ScheduleRow lock(Tx tx, String scheduleId) throws SQLException {
    ScheduleRow schedule = store.lock(tx, scheduleId) ? store.find(tx, scheduleId) : null;
    if (schedule == null) {
      throw missing(scheduleId);
    }
    return schedule;
  }

  private static MillraceException missing(String scheduleId) {
    return MillraceException.notFound("Schedule '%s' does not exist.".formatted(scheduleId));
  }
}
