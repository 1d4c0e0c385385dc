package dev.millrace.platform.check;

import dev.millrace.platform.error.MillraceException;

/**
 * The most characters (Unicode code points) that a parameter may hold. The character U+0000, which
 * PostgreSQL cannot store, may be in none.
 *
 * @param parameter as the error names it
 */
public record Limit(String parameter, int characters) {

  /** The longest text that H2 stores; nothing that MLflow itself limits is longer. */
  public static final int TEXT = 1_048_575;

  /**
   * Checks a text.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE, with MLflow's message, if {@code value} is
   *     longer
   */
  public void check(String value) {
    checkStorable(value);
    if (isExceededBy(value)) {
      throw MillraceException.invalidParameter(
          "'%s' exceeds the maximum length of %d characters".formatted(parameter, characters));
    }
  }

  /**
   * The beginning of {@code value} that fits.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it cannot be stored
   */
  public String cut(String value) {
    checkStorable(value);
    return isExceededBy(value)
        ? value.substring(0, value.offsetByCodePoints(0, characters))
        : value;
  }

  private boolean isExceededBy(String value) {
    return value.length() > characters && value.codePointCount(0, value.length()) > characters;
  }

  private void checkStorable(String value) {
    if (value.indexOf('\0') >= 0) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter '%s' supplied: it must not contain the character U+0000."
              .formatted(parameter));
    }
  }
}
