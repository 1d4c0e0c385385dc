package dev.millrace.platform.search;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a condition compares a field with one value. */
public enum Operator {
  EQUAL("="),
  NOT_EQUAL("!="),
  LESS("<"),
  LESS_OR_EQUAL("<="),
  GREATER(">"),
  GREATER_OR_EQUAL(">="),
  /** {@code %} stands for any text, {@code _} for one character; nothing escapes them. */
  LIKE("LIKE"),
  /** LIKE, in which the ASCII letters are equal in both cases. */
  ILIKE("ILIKE");

  private static final Map<String, Operator> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toMap(Operator::text, Function.identity()));

  private final String text;

  Operator(String text) {
    this.text = text;
  }

  /** As it is written in filters, and in SQL. */
  public String text() {
    return text;
  }

  /** The operator written as {@code text}, or null if there is none; words are in capitals. */
  public static @Nullable Operator of(String text) {
    return BY_TEXT.get(text);
  }

  /** Whether this is LIKE or ILIKE. */
  public boolean isPattern() {
    return this == LIKE || this == ILIKE;
  }

  /** Whether this orders values, or tells whether they are equal, as every number can be asked. */
  public boolean isNumeric() {
    return !isPattern();
  }

  /** Whether this is {@code =}, {@code !=} or a pattern, as every text can be asked. */
  public boolean isTextual() {
    return this == EQUAL || this == NOT_EQUAL || isPattern();
  }
}
