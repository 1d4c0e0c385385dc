package dev.millrace.platform.sql;

import dev.millrace.platform.search.Operator;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A column of whole numbers, and what conditions on it are in SQL.
 *
 * @param name with the name of its table
 */
public record NumberColumn(String name) {

  private static final BigDecimal MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  /** The column compared with one value; a column that is NULL fulfils nothing. */
  public Sql compare(Operator operator, BigDecimal value) {
    boolean isAbove = value.compareTo(MAX) > 0;
    if (isAbove || value.compareTo(MIN) < 0) {
      boolean isTrue =
          switch (operator) {
            case LESS, LESS_OR_EQUAL -> isAbove;
            case GREATER, GREATER_OR_EQUAL -> !isAbove;
            case NOT_EQUAL -> true;
            case EQUAL -> false;
            case LIKE, ILIKE -> throw notNumeric(operator);
          };
      return constant(isTrue);
    }
    BigDecimal floor = value.setScale(0, RoundingMode.FLOOR);
    long whole = floor.longValueExact();
    boolean isWhole = floor.compareTo(value) == 0;
    // Between two whole numbers, "<" and "<=" are the same question about the lower one.
    return switch (operator) {
      case EQUAL -> isWhole ? Sql.of(name + " = ?", whole) : constant(false);
      case NOT_EQUAL -> isWhole ? Sql.of(name + " <> ?", whole) : constant(true);
      case LESS -> Sql.of(name + (isWhole ? " < ?" : " <= ?"), whole);
      case LESS_OR_EQUAL -> Sql.of(name + " <= ?", whole);
      case GREATER -> Sql.of(name + " > ?", whole);
      case GREATER_OR_EQUAL -> Sql.of(name + (isWhole ? " >= ?" : " > ?"), whole);
      case LIKE, ILIKE -> throw notNumeric(operator);
    };
  }

  private Sql constant(boolean isTrue) {
    return isTrue ? Sql.of(name + " IS NOT NULL") : Sql.of("FALSE");
  }

  private static IllegalArgumentException notNumeric(Operator operator) {
    return new IllegalArgumentException("A number is not compared by " + operator);
  }
}
