package dev.millrace.platform.sql;

import dev.millrace.platform.search.Operator;
import java.math.BigDecimal;

/**
 * The columns {@code value} and {@code is_nan} of a table, of which the first is 0 where the second
 * is true.
 */
public record MetricColumn(String table) {

  /** The value compared with a number; as in arithmetic, NaN is unlike everything. */
  public Sql compare(Operator operator, BigDecimal number) {
    double value = number.doubleValue();
    return switch (operator) {
      case NOT_EQUAL -> Sql.of("(%1$s.value <> ? OR %1$s.is_nan)".formatted(table), value);
      case EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL ->
          Sql.of("%1$s.value %2$s ? AND NOT %1$s.is_nan".formatted(table, operator.text()), value);
      case LIKE, ILIKE ->
          throw new IllegalArgumentException("A metric is not compared by " + operator);
    };
  }
}
