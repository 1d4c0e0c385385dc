package dev.millrace.standalone;

import org.jspecify.annotations.Nullable;

/** Why Millrace does not start: one line for whoever started it. */
final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private StartException(int exitCode, String line, @Nullable Throwable cause) {
    super(line, cause);
    this.exitCode = exitCode;
  }

  /** The command line is wrong. */
  static StartException usage(String line) {
    return new StartException(2, line, null);
  }

  /** What is around Millrace does not let it start. */
  static StartException environment(String line, @Nullable Throwable cause) {
    return new StartException(1, line, cause);
  }

  int exitCode() {
    return exitCode;
  }
}
