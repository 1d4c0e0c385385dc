package dev.millrace.projects;

/** Where a job is on its way. */
enum JobState {
  /** Waits for a worker. */
  QUEUED,
  /** Somebody has it in hand; nothing was started. */
  CLAIMED,
  /** Its code is being fetched and its environment built. */
  PREPARING,
  /** Its command runs. */
  RUNNING,
  /** Its worker is gone, and only the engine where it may run can tell what became of it. */
  NEEDS_RECOVERY,
  /** Its command ended with 0. */
  FINISHED,
  /** Its command ended otherwise, or could not be started. */
  FAILED,
  /** A user cancelled it. */
  KILLED,
  /** It took longer than it may. */
  TIMED_OUT;

  /** Whether nothing happens to it any more, unless a user wants it retried. */
  boolean isEnd() {
    return switch (this) {
      case FINISHED, FAILED, KILLED, TIMED_OUT -> true;
      case QUEUED, CLAIMED, PREPARING, RUNNING, NEEDS_RECOVERY -> false;
    };
  }
}
