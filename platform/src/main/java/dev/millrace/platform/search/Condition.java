package dev.millrace.platform.search;

import java.math.BigDecimal;
import java.util.List;

/**
 * What a filter demands of one field. A row without the field fulfils nothing but {@link Presence}
 * with {@code isPresent = false}.
 */
public sealed interface Condition {

  Field field();

  /**
   * A comparison with a number.
   *
   * @param operator one that {@link Operator#isNumeric}
   * @param value beyond the range of a double, 1E400 or -1E400
   */
  record OfNumber(Field field, Operator operator, BigDecimal value) implements Condition {}

  /**
   * A comparison with a text.
   *
   * @param operator one that {@link Operator#isTextual}
   */
  record OfText(Field field, Operator operator, String value) implements Condition {}

  /** IN, or NOT IN. */
  record Membership(Field field, boolean isMember, List<String> values) implements Condition {}

  /** IS NOT NULL, or IS NULL. */
  record Presence(Field field, boolean isPresent) implements Condition {}
}
