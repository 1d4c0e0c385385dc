package dev.millrace.platform.sql;

import dev.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A LIKE pattern: {@code %} stands for any text and {@code _} for one character. Nothing escapes
 * them, and ILIKE ignores the case of ASCII letters only, as in MLflow on SQLite.
 */
final class Like {

  /** More wildcards than this are no search, but an attempt to keep the database busy. */
  private static final int MAX_WILDCARDS = 100;

  private final String pattern;
  private final boolean ignoresCase;

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE if there are too many wildcards
   */
  Like(String pattern, boolean ignoresCase) {
    if (pattern.chars().filter(c -> c == '%').count() > MAX_WILDCARDS) {
      throw MillraceException.invalidParameter(
          "Invalid LIKE pattern: it may have at most %d '%%'".formatted(MAX_WILDCARDS));
    }
    this.pattern = pattern;
    this.ignoresCase = ignoresCase;
  }

  /** What every match starts with; empty if that is not known. */
  String prefix() {
    if (ignoresCase) {
      return "";
    }
    int end = 0;
    while (end < pattern.length() && pattern.charAt(end) != '%' && pattern.charAt(end) != '_') {
      end++;
    }
    return pattern.substring(0, end);
  }

  /** For PostgreSQL's LIKE and ILIKE, to which a backslash is special. */
  String postgres() {
    return pattern.replace("\\", "\\\\");
  }

  /**
   * As a regular expression. H2's own LIKE tries every combination of places where the parts
   * between {@code %} could be; here each part is taken where it fits first, for good.
   */
  String regex() {
    List<String> parts = new ArrayList<>();
    for (String part : pattern.split("%+", -1)) {
      parts.add(part);
    }
    StringBuilder regex = new StringBuilder(ignoresCase ? "(?si-u)\\A" : "(?s)\\A");
    literal(regex, parts.getFirst());
    for (int i = 1; i < parts.size() - 1; i++) {
      regex.append("(?>.*?");
      literal(regex, parts.get(i));
      regex.append(')');
    }
    if (parts.size() > 1) {
      regex.append(".*");
      literal(regex, parts.getLast());
    }
    return regex.append("\\z").toString();
  }

  private static void literal(StringBuilder regex, String part) {
    int start = 0;
    for (int i = 0; i <= part.length(); i++) {
      if (i == part.length() || part.charAt(i) == '_') {
        if (i > start) {
          regex.append(Pattern.quote(part.substring(start, i)));
        }
        regex.append(i < part.length() ? "." : "");
        start = i + 1;
      }
    }
  }
}
