package dev.millrace.platform.sql;

import dev.millrace.platform.search.Operator;
import java.util.ArrayList;
import java.util.List;

/**
 * A column of texts, and what conditions on it are in SQL.
 *
 * @param name with the name of its table
 * @param isIndexed whether an index serves it, which on PostgreSQL holds no more than the first
 *     {@value #INDEXED} characters
 */
public record TextColumn(Dialect dialect, String name, boolean isIndexed) {

  private static final int INDEXED = 128;

  /** The column compared with one value; a column that is NULL fulfils nothing. */
  public Sql compare(Operator operator, String value) {
    if (value.indexOf(0) >= 0) {
      // No text is stored with this character, as PostgreSQL cannot.
      return operator == Operator.NOT_EQUAL ? Sql.of(name + " IS NOT NULL") : Sql.of("FALSE");
    }
    return switch (operator) {
      case EQUAL -> isAbbreviated() ? equal(value) : Sql.of(name + " = ?", value);
      case NOT_EQUAL -> Sql.of(name + " <> ?", value);
      case LIKE, ILIKE -> like(operator, new Like(value, operator == Operator.ILIKE));
      case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL ->
          throw new IllegalArgumentException("A text is not compared by " + operator);
    };
  }

  /** The column compared with a list; a column that is NULL fulfils nothing. */
  public Sql member(boolean isMember, List<String> values) {
    String[] possible = values.stream().filter(v -> v.indexOf(0) < 0).toArray(String[]::new);
    if (!isMember) {
      return Sql.of("NOT " + name + " = ANY(?)", (Object) possible);
    }
    Sql member = Sql.of(name + " = ANY(?)", (Object) possible);
    if (isAbbreviated()) {
      List<String> prefixes = new ArrayList<>();
      for (String value : possible) {
        prefixes.add(prefix(value));
      }
      member.add(" AND %s = ANY(?)".formatted(indexed()), (Object) prefixes.toArray(String[]::new));
    }
    return member;
  }

  /** What to order by so that the index can serve: expressions of which the last decides. */
  public List<String> order() {
    return isAbbreviated() ? List.of(indexed(), name) : List.of(name);
  }

  private Sql equal(String value) {
    // A prefix that is shorter than it could be is the whole value.
    boolean isWhole = value.codePointCount(0, value.length()) < INDEXED;
    Sql sql = Sql.of(indexed() + " = ?", prefix(value));
    return isWhole ? sql : sql.add(" AND %s = ?".formatted(name), value);
  }

  private Sql like(Operator operator, Like like) {
    Sql sql = new Sql();
    String prefix = prefix(like.prefix());
    if (isIndexed && !prefix.isEmpty()) {
      sql.add(indexed() + " >= ? AND ", prefix);
      String end = after(prefix);
      if (!end.isEmpty()) {
        sql.add(indexed() + " < ? AND ", end);
      }
    }
    return switch (dialect) {
      case H2 -> sql.add("REGEXP_LIKE(%s, ?)".formatted(name), like.regex());
      case POSTGRESQL -> sql.add("%s %s ?".formatted(name, operator.text()), like.postgres());
    };
  }

  private boolean isAbbreviated() {
    return isIndexed && dialect == Dialect.POSTGRESQL;
  }

  private String indexed() {
    return isAbbreviated() ? "left(%s, %d)".formatted(name, INDEXED) : name;
  }

  private static String prefix(String value) {
    return value.codePointCount(0, value.length()) <= INDEXED
        ? value
        : value.substring(0, value.offsetByCodePoints(0, INDEXED));
  }

  /** The least text that is greater than all that start with {@code prefix}; empty if none is. */
  private static String after(String prefix) {
    int last = prefix.length();
    while (last > 0) {
      int c = prefix.codePointBefore(last);
      last -= Character.charCount(c);
      int next = c + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : c + 1;
      if (next <= Character.MAX_CODE_POINT) {
        return prefix.substring(0, last) + Character.toString(next);
      }
    }
    return "";
  }
}
