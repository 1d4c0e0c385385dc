package dev.millrace.projects;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that are made again and again. Times are milliseconds since the epoch, by the database's
 * clock.
 *
 * @param user empty if unknown
 * @param name empty for none
 * @param spec what is asked of each of its jobs
 * @param nextFireTime null while it is paused
 * @param lastFireTime the last time for which a job was made; null if none was
 * @param lastJobId null if it has made none
 * @param lastJobState likewise
 * @param message why there is no job for the last time, or the last job ended as it did; null if
 *     there is nothing to say
 */
record ScheduleRow(
    long scheduleNo,
    String scheduleId,
    String user,
    String name,
    String cron,
    String timeZone,
    Overlap overlap,
    JobSpec spec,
    long creationTime,
    @Nullable Long nextFireTime,
    @Nullable Long lastFireTime,
    @Nullable String lastJobId,
    @Nullable String lastJobState,
    @Nullable String message) {

  /** The first time behind {@code now}, and behind those for which jobs were made already. */
  long nextTime(long now) {
    // The clock may have been put back.
    long from = lastFireTime == null ? now : Math.max(lastFireTime, now);
    return Cron.parse(cron).next(from, Cron.zone(timeZone));
  }

  /** What if a job of it has not ended when the next time has come. */
  enum Overlap {
    /** There is none for that time. */
    SKIP,
    /** There is another. */
    ALLOW;

    /** As users write it. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
