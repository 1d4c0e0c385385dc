package dev.millrace.platform.search;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Token.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** The values of names, texts, numbers and lists as they are written. */
public final class Literals {

  private static final BigDecimal BEYOND = new BigDecimal("1E400");

  private Literals() {}

  /** {@code text} without the backticks around it, if there are any. */
  public static String withoutBackticks(String text) {
    return isQuoted(text, '`') ? inside(text) : text;
  }

  /** {@code text} without the single or double quotes around it, if there are any. */
  public static String withoutQuotes(String text) {
    return isQuoted(text) ? inside(text) : text;
  }

  /** Whether single or double quotes are around {@code text}. */
  public static boolean isQuoted(String text) {
    return isQuoted(text, '\'') || isQuoted(text, '"');
  }

  /** The value of a number, with 1E400 in place of what no double can hold. */
  public static BigDecimal number(Term.Numeral numeral) {
    double value = Double.parseDouble(numeral.source());
    if (Double.isInfinite(value)) {
      return value > 0 ? BEYOND : BEYOND.negate();
    }
    // No digit beyond these can matter, but a caller may write a megabyte of them.
    return value == 0 || numeral.source().length() > 400
        ? BigDecimal.valueOf(value)
        : new BigDecimal(numeral.source());
  }

  /**
   * The texts of a list, {@code ('a', "b")}.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is empty or holds anything else
   */
  public static List<String> texts(Term.Group group) {
    String source = group.source();
    List<Token> tokens = Lexer.tokens(source.substring(1, source.length() - 1));
    List<String> elements = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      String text = source.substring(1 + token.start(), 1 + token.end());
      boolean isSeparator = i % 2 == 1;
      if (isSeparator != (token.kind() == Kind.COMMA)) {
        throw illFormed();
      }
      if (isSeparator) {
        continue;
      }
      switch (token.kind()) {
        case TEXT, NAME -> {
          if (!isQuoted(text)) {
            throw illFormed();
          }
          String value = unescaped(inside(text), text.charAt(0));
          values.add(value);
          elements.add(PythonText.of(value));
        }
        case INTEGER, DECIMAL -> elements.add(text);
        default -> throw illFormed();
      }
    }
    if (elements.isEmpty()) {
      throw MillraceException.invalidParameter(
          "While parsing a list in the query, expected a non-empty list of string values, but got"
              + " empty list");
    }
    if (values.size() < elements.size()) {
      throw MillraceException.invalidParameter(
          "While parsing a list in the query, expected string value, punctuation, or whitespace,"
              + " but got different type in list: "
              + PythonText.tuple(elements));
    }
    return values;
  }

  private static MillraceException illFormed() {
    return MillraceException.invalidParameter(
        "While parsing a list in the query, expected a non-empty list of string values, but got"
            + " ill-formed list.");
  }

  /**
   * In lists, other than in single values, a backslash and a doubled quote stand for themselves.
   */
  private static String unescaped(String text, char quote) {
    String twice = String.valueOf(quote).repeat(2);
    return text.replace("\\" + quote, String.valueOf(quote))
        .replace(twice, String.valueOf(quote))
        .replace("\\\\", "\\");
  }

  private static boolean isQuoted(String text, char quote) {
    return text.length() >= 2 && text.charAt(0) == quote && text.charAt(text.length() - 1) == quote;
  }

  private static String inside(String text) {
    return text.substring(1, text.length() - 1);
  }
}
