package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import java.time.Duration;

/** Counts what is fetched against the limits. */
final class Allowance {

  private final String subject;
  private final SourceLimits limits;
  private final long end;
  private long bytes;
  private int files;

  /**
   * @param subject what is fetched, for messages: {@code The project}
   */
  Allowance(String subject, SourceLimits limits) {
    this.subject = subject;
    this.limits = limits;
    this.end = System.nanoTime() + limits.time().toNanos();
  }

  /**
   * Takes a file or folder into account.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if that is too much
   */
  void addFile() {
    if (++files > limits.files()) {
      throw MillraceException.invalidParameter(
          "%s has more than %d files.".formatted(subject, limits.files()));
    }
  }

  /**
   * Takes bytes into account.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if that is too much
   */
  void addBytes(long count) {
    bytes += count;
    if (count < 0 || bytes > limits.bytes()) {
      throw MillraceException.invalidParameter(
          "%s is larger than %d bytes.".formatted(subject, limits.bytes()));
    }
    checkTime();
  }

  /** A file that was taken into account is not there after all, as only a part of it has come. */
  void giveBack(long count) {
    bytes -= count;
    files--;
  }

  /**
   * Looks at the clock.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the time is up
   */
  void checkTime() {
    if (isOver()) {
      throw MillraceException.invalidParameter(
          "%s could not be fetched within %d seconds."
              .formatted(subject, limits.time().toSeconds()));
    }
  }

  /** How long it may still take: at least a millisecond. */
  Duration left() {
    return Duration.ofMillis(Math.max(1, (end - System.nanoTime()) / 1_000_000 + 1));
  }

  boolean isOver() {
    return System.nanoTime() - end > 0;
  }
}
