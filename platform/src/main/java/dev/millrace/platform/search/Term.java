package dev.millrace.platform.search;

import org.jspecify.annotations.Nullable;

/** A part of a filter or ordering as it is written, before anybody asks what it means. */
public sealed interface Term {

  /** The text of this part, with quotes, backticks and inner spaces. */
  String source();

  /** One name, or several with dots between; any of them may be in backticks or double quotes. */
  record Name(String source) implements Term {}

  /** Text in single quotes. */
  record Text(String source) implements Term {}

  /**
   * A number.
   *
   * @param isWhole written without a decimal point and exponent
   */
  record Numeral(String source, boolean isWhole) implements Term {}

  /** Anything in parentheses. */
  record Group(String source) implements Term {}

  /** The word NULL. */
  record Null(String source) implements Term {}

  /** Arithmetic, or what looks like a function call. */
  record Expression(String source) implements Term {}

  /**
   * A comparison.
   *
   * @param operator as written; of several words, as in {@code NOT IN}, in capitals
   * @param right null behind IS NULL and IS NOT NULL
   */
  record Comparison(String source, Term left, String operator, @Nullable Term right)
      implements Term {}

  /** Anything that belongs nowhere: a keyword, a lonely operator, a comment, terms in a row. */
  record Stray(String source) implements Term {}
}
