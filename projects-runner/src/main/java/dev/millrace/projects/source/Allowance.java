package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;

/** Counts what is unpacked against the limits. */
final class Allowance {

  private final SourceLimits limits;
  private final long end;
  private long bytes;
  private int files;

  Allowance(SourceLimits limits) {
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
          "The project has more than %d files.".formatted(limits.files()));
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
          "The project is larger than %d bytes.".formatted(limits.bytes()));
    }
    checkTime();
  }

  /**
   * Looks at the clock.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the time is up
   */
  void checkTime() {
    if (isOver()) {
      throw MillraceException.invalidParameter(
          "The project could not be fetched within %d seconds."
              .formatted(limits.time().toSeconds()));
    }
  }

  boolean isOver() {
    return System.nanoTime() - end > 0;
  }
}
