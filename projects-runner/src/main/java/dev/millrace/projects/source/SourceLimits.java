package dev.millrace.projects.source;

import java.time.Duration;

/**
 * How much may be fetched.
 *
 * @param bytes of all files, unpacked, and of what a Git host sends for them
 * @param files how many, folders included
 * @param time that fetching may take
 */
public record SourceLimits(long bytes, int files, Duration time) {

  /** Half a GiB, 100,000 files, ten minutes. */
  public static final SourceLimits DEFAULT =
      new SourceLimits(512L << 20, 100_000, Duration.ofMinutes(10));
}
