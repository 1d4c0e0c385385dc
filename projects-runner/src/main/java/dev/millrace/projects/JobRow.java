package dev.millrace.projects;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job. Times are milliseconds since the epoch, by the database's clock.
 *
 * @param user empty if unknown
 * @param depth how many jobs above it wait for it
 * @param spec what was asked for
 * @param runId null only while it is being submitted
 * @param scheduleId of the schedule that made it; null if none did
 * @param fireTime for which of the schedule's times; null if for none
 * @param cancelTime when a user wanted it cancelled
 * @param fence grows whenever the job changes hands; a write that knows an older one is refused
 * @param attempts how often it was started, or was going to be
 * @param site where the engine is that may have started it; null if none has
 * @param attemptName its name there
 * @param exitCode null if there is none
 * @param message why it ended as it did; null if there is nothing to say
 */
record JobRow(
    long jobNo,
    String jobId,
    String user,
    JobState state,
    int depth,
    JobSpec spec,
    @Nullable String runId,
    @Nullable String parentRunId,
    @Nullable String scheduleId,
    @Nullable Long fireTime,
    long creationTime,
    @Nullable Long startTime,
    @Nullable Long endTime,
    @Nullable Long cancelTime,
    long fence,
    int attempts,
    @Nullable String site,
    @Nullable String attemptName,
    @Nullable Integer exitCode,
    @Nullable String message) {

  /**
   * A new job, before it is stored.
   *
   * @param user empty if unknown
   */
  static JobRow draft(
      JobSpec spec,
      @Nullable String parentRunId,
      String user,
      int depth,
      @Nullable String scheduleId,
      @Nullable Long fireTime) {
    return new JobRow(
        0,
        newId(),
        user,
        JobState.CLAIMED,
        depth,
        spec,
        null,
        parentRunId,
        scheduleId,
        fireTime,
        0,
        null,
        null,
        null,
        1,
        0,
        null,
        null,
        null,
        null);
  }

  /** An id that nobody has. */
  static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  boolean isCancelled() {
    return cancelTime != null;
  }
}
