package dev.millrace.platform.search;

import dev.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Cuts a filter into tokens, in one pass. MLflow cuts with the SQL lexer of sqlparse 0.6; this one
 * agrees with it on everything a filter may hold, and on the pieces that messages about other
 * filters quote.
 */
final class Lexer {

  /** As many tokens, spaces included, as MLflow takes. */
  private static final int MAX_TOKENS = 10_000;

  private static final int MAX_LENGTH = 200_000;

  /**
   * SQL words that are no names; those that are neither here nor in a {@link Token.Kind} of their
   * own are taken for names, and refused later as such.
   */
  private static final Set<String> KEYWORDS =
      Set.of(
          """
          ALIAS ALL ANY AS BETWEEN BOOLEAN BY CASE COLLATE COMMENT CREATE CROSS DATE DELETE
          DISTINCT DROP ELSE END ESCAPE EXISTS FALSE FROM GROUP HAVING INSERT INT INTERVAL
          INTO ISNULL JOIN KEY LIMIT LOCATION NOTNULL OFFSET ON OR ORDER OWNER PATH SELECT
          SET SOME SOURCE START TABLE THEN TIME TIMESTAMP TRUE TYPE UNION UNKNOWN UPDATE
          USER USING VALUES VERSION WHEN WHERE\
          """
              .split("\\s"));

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  /**
   * The tokens of {@code text}.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is too long
   */
  static List<Token> tokens(String text) {
    if (text.length() > MAX_LENGTH) {
      throw MillraceException.invalidParameter(
          "Error on parsing filter '%s…': it has more than %d characters"
              .formatted(text.substring(0, 100), MAX_LENGTH));
    }
    Lexer lexer = new Lexer(text);
    int count = 0;
    while (lexer.at < text.length()) {
      if (++count > MAX_TOKENS) {
        throw MillraceException.invalidParameter("Error on parsing filter '%s'".formatted(text));
      }
      lexer.next();
    }
    return lexer.tokens;
  }

  private void next() {
    char c = text.charAt(at);
    switch (c) {
      case '`' -> quoted(c, Token.Kind.NAME);
      case '"' -> quoted(c, Token.Kind.NAME);
      case '\'' -> quoted(c, Token.Kind.TEXT);
      case '.' -> {
        if (!number()) {
          add(Token.Kind.DOT, 1);
        }
      }
      case ',' -> add(Token.Kind.COMMA, 1);
      case ';' -> add(Token.Kind.SEMICOLON, 1);
      case '(' -> add(Token.Kind.OPEN, 1);
      case ')' -> add(Token.Kind.CLOSE, 1);
      case '<', '=', '>', '~', '!' -> add(Token.Kind.COMPARATOR, run("<=>~!"));
      case '-', '/', '#' -> {
        if (!comment() && !(c == '-' && number())) {
          add(Token.Kind.OPERATOR, run("+/@#%^&|-"));
        }
      }
      case '+', '@', '%', '^', '&', '|' -> add(Token.Kind.OPERATOR, run("+/@#%^&|-"));
      case '*' -> add(Token.Kind.OPERATOR, 1);
      default -> {
        int codePoint = text.codePointAt(at);
        if (isSpace(codePoint)) {
          at++;
        } else if (!number()) {
          if (isWord(codePoint)) {
            word();
          } else {
            add(Token.Kind.OTHER, Character.charCount(codePoint));
          }
        }
      }
    }
  }

  private void add(Token.Kind kind, int length) {
    tokens.add(new Token(kind, at, at + length));
    at += length;
  }

  /**
   * A quote that ends nowhere is a token of its own. A doubled quote, and one behind a backslash,
   * belongs to the inside, unless nothing else could end it.
   */
  private void quoted(char quote, Token.Kind kind) {
    int lastChance = -1;
    int i = at + 1;
    while (i < text.length()) {
      char c = text.charAt(i);
      boolean pair = i + 1 < text.length() && text.charAt(i + 1) == quote;
      if (c == '\\' && pair && quote != '`') {
        lastChance = i + 1;
        i += 2;
      } else if (c != quote) {
        i++;
      } else if (pair) {
        lastChance = i;
        i += 2;
      } else {
        add(kind, i + 1 - at);
        return;
      }
    }
    if (lastChance >= 0) {
      add(kind, lastChance + 1 - at);
    } else {
      add(Token.Kind.OTHER, 1);
    }
  }

  private boolean comment() {
    int end;
    if (text.startsWith("--", at) || text.startsWith("# ", at)) {
      end = at;
      while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
        end++;
      }
    } else if (text.startsWith("/*", at) && text.indexOf("*/", at + 2) >= 0) {
      end = text.indexOf("*/", at + 2) + 2;
    } else {
      return false;
    }
    add(Token.Kind.OTHER, end - at);
    return true;
  }

  /**
   * Reads a number, if one stands here: {@code -1}, {@code 1.5}, {@code .5}, {@code 1.}, {@code
   * 1e-3}. Digits that a letter follows lose the last one to the word that begins with it.
   */
  private boolean number() {
    int start = text.charAt(at) == '-' ? at + 1 : at;
    int whole = digits(start);
    if (text.startsWith("0x", start) || text.startsWith("0X", start)) {
      return hexadecimal(start + 2);
    }
    if (whole > start && exponent(whole)) {
      return true;
    }
    if (whole < text.length() && text.charAt(whole) == '.') {
      int fraction = whole + 1;
      int end = beforeLetter(fraction, digits(fraction));
      if (end >= fraction && (whole > start || end > fraction)) {
        add(Token.Kind.DECIMAL, end - at);
        return true;
      }
    }
    int end = beforeLetter(start, whole);
    if (end <= start) {
      return false;
    }
    add(Token.Kind.INTEGER, end - at);
    return true;
  }

  private boolean hexadecimal(int start) {
    int end = start;
    while (end < text.length() && Character.digit(text.charAt(end), 16) >= 0) {
      end++;
    }
    if (end == start) {
      return false;
    }
    add(Token.Kind.OTHER, end - at);
    return true;
  }

  /** Completes a number of which {@code whole} ends the integer part, if it has an exponent. */
  private boolean exponent(int whole) {
    int mantissa = whole;
    if (whole < text.length() && text.charAt(whole) == '.' && digits(whole + 1) > whole + 1) {
      mantissa = digits(whole + 1);
    }
    if (mantissa >= text.length() || (text.charAt(mantissa) | 0x20) != 'e') {
      return false;
    }
    int start = text.startsWith("-", mantissa + 1) ? mantissa + 2 : mantissa + 1;
    int end = digits(start);
    if (end == start) {
      return false;
    }
    add(Token.Kind.DECIMAL, end - at);
    return true;
  }

  private int digits(int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private int beforeLetter(int start, int end) {
    return end < text.length() && isLetter(text.charAt(end)) ? Math.max(end - 1, start - 1) : end;
  }

  private void word() {
    int end = at;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      if (!isWord(c) && !(end > at && (c == '$' || c == '#'))) {
        break;
      }
      end += Character.charCount(c);
    }
    String word = text.substring(at, end).toUpperCase(Locale.ROOT);
    switch (word) {
      case "AND" -> keyword(Token.Kind.AND, end);
      case "IN" -> keyword(Token.Kind.IN, end);
      case "IS" -> keyword(Token.Kind.IS, end);
      case "NULL" -> keyword(Token.Kind.NULL, end);
      case "ASC", "DESC" -> keyword(Token.Kind.DIRECTION, end);
      case "LIKE", "ILIKE", "RLIKE" -> keyword(Token.Kind.COMPARATOR, end);
      case "NOT" -> negation(end);
      case "ORDER", "GROUP" -> {
        int by = behind(end, "BY");
        keyword(Token.Kind.OTHER, by < 0 ? end : by);
      }
      default -> keyword(KEYWORDS.contains(word) ? Token.Kind.OTHER : Token.Kind.NAME, end);
    }
  }

  /** A keyword is a name as a part of a longer one, as in {@code tags.order}. */
  private void keyword(Token.Kind kind, int end) {
    boolean behindDot = at > 0 && text.charAt(at - 1) == '.';
    int next = skipSpace(end);
    boolean beforeDot = text.startsWith(".", next) && digits(next + 1) == next + 1;
    add(behindDot || beforeDot ? Token.Kind.NAME : kind, end - at);
  }

  private void negation(int end) {
    for (String operator : List.of("LIKE", "ILIKE", "RLIKE")) {
      int behind = behind(end, operator);
      if (behind >= 0) {
        keyword(Token.Kind.COMPARATOR, behind);
        return;
      }
    }
    int behind = behind(end, "NULL");
    if (behind >= 0) {
      keyword(Token.Kind.NOT_NULL, behind);
    } else {
      keyword(Token.Kind.NOT, end);
    }
  }

  /** The end of {@code word} if it follows at {@code from}, behind some space; else -1. */
  private int behind(int from, String word) {
    int start = skipSpace(from);
    int end = start + word.length();
    boolean found =
        start > from
            && text.regionMatches(true, start, word, 0, word.length())
            && (end >= text.length() || !isWord(text.codePointAt(end)));
    return found ? end : -1;
  }

  private int skipSpace(int from) {
    int next = from;
    while (next < text.length() && isSpace(text.charAt(next))) {
      next++;
    }
    return next;
  }

  private int run(String characters) {
    int end = at;
    while (end < text.length() && characters.indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    return end - at;
  }

  private static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  private static boolean isWord(int c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** What keeps digits from being a number of their own: the letters of Latin-1. */
  private static boolean isLetter(char c) {
    return c == '_' || (c < 0x100 && Character.isLetter(c));
  }
}
