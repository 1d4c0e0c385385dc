package dev.millrace.platform.sql;

/**
 * A table of values that belong to the rows of another, at most one for each key of a row.
 *
 * @param owner the column that the values belong to, with the name of its table
 * @param ownerColumn the column in which the values name their owner
 * @param keyColumn the column that holds the key
 */
public record KeyedTable(String name, String owner, String ownerColumn, String keyColumn) {

  /** Joins the values of {@code key}; owners without one drop out. */
  public Sql join(String alias, Object key, Sql condition) {
    return Sql.of(" JOIN ").add(on(alias, key)).add(" AND ").add(condition);
  }

  /** Joins the values of {@code key}; for owners without one they are NULL. */
  public Sql leftJoin(String alias, Object key) {
    return Sql.of(" LEFT JOIN ").add(on(alias, key));
  }

  /** The condition that an owner has no value of {@code key}. */
  public Sql missing(Object key) {
    return Sql.of(
        "NOT EXISTS (SELECT 1 FROM %1$s AS absent WHERE absent.%2$s = %3$s AND absent.%4$s = ?)"
            .formatted(name, ownerColumn, owner, keyColumn),
        key);
  }

  private Sql on(String alias, Object key) {
    return Sql.of(
        "%1$s AS %2$s ON %2$s.%3$s = %4$s AND %2$s.%5$s = ?"
            .formatted(name, alias, ownerColumn, owner, keyColumn),
        key);
  }
}
