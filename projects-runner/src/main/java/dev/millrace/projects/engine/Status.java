package dev.millrace.projects.engine;

import org.jspecify.annotations.Nullable;

/** What an engine knows of an attempt. */
public sealed interface Status {

  /** It was never started. */
  record NotStarted() implements Status {}

  /** It runs. */
  record Running() implements Status {}

  /**
   * It has ended.
   *
   * @param exitCode as the shell tells it: 128 and the signal's number for a signal; null if nobody
   *     was left to tell
   */
  record Ended(@Nullable Integer exitCode) implements Status {}
}
