package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;

/**
 * The most characters (Unicode code points) that a parameter may hold.
 *
 * @param parameter as the error names it
 */
record Limit(String parameter, int characters) {

  /** The longest text that H2 stores; nothing that MLflow itself limits is longer. */
  static final int TEXT = 1_048_575;

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE, with MLflow's message, if {@code value} is
   *     longer
   */
  void check(String value) {
    if (value.length() > characters && value.codePointCount(0, value.length()) > characters) {
      throw MillraceException.invalidParameter(
          "'%s' exceeds the maximum length of %d characters".formatted(parameter, characters));
    }
  }
}
