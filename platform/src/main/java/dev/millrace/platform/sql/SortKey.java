package dev.millrace.platform.sql;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of the expressions that order rows.
 *
 * @param expression without arguments
 * @param isNullable whether it can be NULL; an earlier key then has to tell the rows where it is
 *     from the others
 */
public record SortKey(String expression, Type type, boolean isNullable, boolean isAscending) {

  /** The type of an expression. */
  public enum Type {
    WHOLE,
    DECIMAL,
    TEXT
  }

  /** A key that is never NULL. */
  public static SortKey of(String expression, Type type, boolean isAscending) {
    return new SortKey(expression, type, false, isAscending);
  }

  /** The keys of an expression whose NULLs come last, whatever the direction. */
  public static List<SortKey> nullsLast(String expression, Type type, boolean isAscending) {
    return List.of(
        of("CASE WHEN %s IS NULL THEN 1 ELSE 0 END".formatted(expression), Type.WHOLE, true),
        new SortKey(expression, type, true, isAscending));
  }

  /**
   * The keys of the columns {@code value} and {@code is_nan} of a table that is joined from the
   * left: numbers come first, then NaN, then what is missing, whatever the direction.
   */
  public static List<SortKey> metric(String table, boolean isAscending) {
    String rank =
        "CASE WHEN %1$s.is_nan THEN 1 WHEN %1$s.value IS NULL THEN 2 ELSE 0 END".formatted(table);
    return List.of(
        of(rank, Type.WHOLE, true), new SortKey(table + ".value", Type.DECIMAL, true, isAscending));
  }

  /** Adds {@code key} unless rows are ordered by the same expression already. */
  public static void add(List<SortKey> keys, SortKey key) {
    if (keys.stream().noneMatch(each -> each.expression.equals(key.expression))) {
      keys.add(key);
    }
  }

  /** The value in {@code column} of {@code row}. */
  @Nullable Object value(Row row, int column) throws SQLException {
    return switch (type) {
      case WHOLE -> row.longOrNull(column);
      case DECIMAL -> row.doubleOrNull(column);
      case TEXT -> row.stringOrNull(column);
    };
  }

  /** Whether {@code value}, which comes from outside, can be one of this key. */
  boolean accepts(@Nullable Object value) {
    return switch (value) {
      case null -> isNullable;
      case Long _ -> type == Type.WHOLE;
      case Double _ -> type == Type.DECIMAL;
      case String text -> type == Type.TEXT && text.indexOf(0) < 0;
      default -> false;
    };
  }

  /** What stands behind ORDER BY, for {@code keys} that are selected under these names. */
  static String orderBy(List<SortKey> keys, List<String> names) {
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(names.get(i));
      sql.append(keys.get(i).isAscending ? " ASC" : " DESC");
    }
    return sql.toString();
  }

  /** What stands behind ORDER BY. */
  static String orderBy(List<SortKey> keys) {
    return orderBy(keys, keys.stream().map(SortKey::expression).collect(Collectors.toList()));
  }

  /**
   * The condition that a row comes behind the row of these {@code values}.
   *
   * @param values one for each of {@code keys}, accepted by it
   */
  static Sql after(List<SortKey> keys, List<? extends @Nullable Object> values) {
    int first = 0;
    while (values.get(first) == null) {
      first++;
    }
    Sql after = new Sql();
    for (int i = keys.size() - 1; i >= first; i--) {
      Object value = values.get(i);
      // Where the value is NULL, it is so for all rows that are equal in the keys before.
      if (value != null) {
        after = keys.get(i).after(value, after, i == first);
      }
    }
    return after;
  }

  /**
   * The condition for one key and those after it.
   *
   * @param rest the condition for rows that are equal in this key; empty if there are none
   */
  private Sql after(Object value, Sql rest, boolean isFirst) {
    String behind = isAscending ? ">" : "<";
    Sql after = Sql.of("%s %s ?".formatted(expression, behind), value);
    if (rest.text().isEmpty()) {
      return after;
    }
    // Both forms say the same; the first is one with which an index can begin.
    return isFirst
        ? Sql.of("%s %s= ? AND (".formatted(expression, behind), value)
            .add(after)
            .add(" OR (")
            .add(rest)
            .add("))")
        : after.add(" OR (%s = ? AND (".formatted(expression), value).add(rest).add("))");
  }
}
