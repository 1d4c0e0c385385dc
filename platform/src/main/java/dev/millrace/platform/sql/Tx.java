package dev.millrace.platform.sql;

import dev.millrace.platform.error.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * One unit of work on one connection. Statements take their arguments by position: String, Long,
 * Integer, Double, Boolean, null, and arrays of the first four ({@code String[]}, {@code Long[]}
 * …), which reach the database as SQL arrays, so that a whole batch is one statement.
 */
public final class Tx {

  private final Connection connection;
  private final Dialect dialect;
  private final LongAdder statements;

  Tx(Connection connection, Dialect dialect, LongAdder statements) {
    this.connection = connection;
    this.dialect = dialect;
    this.statements = statements;
  }

  public Dialect dialect() {
    return dialect;
  }

  /** Queries to be sent together. */
  public Pipeline pipeline() {
    return new Pipeline(this);
  }

  /** All rows of a query. */
  public <T> List<T> query(
      String sql, Row.Mapper<? extends T> mapper, @Nullable Object... arguments)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    try (PreparedStatement statement = prepare(sql, arguments);
        ResultSet result = statement.executeQuery()) {
      Row.readAll(result, mapper, rows);
    }
    return rows;
  }

  /**
   * All rows of a query whose text was put together for one request. Unlike other statements it is
   * planned for its very arguments, every time: the best plan of a search depends on how many rows
   * fulfil a condition.
   */
  public <T> List<T> query(Sql sql, Row.Mapper<? extends T> mapper) throws SQLException {
    return query(sql, false, mapper);
  }

  /**
   * All rows of a query.
   *
   * @param keepsPlan whether one plan serves any arguments, so that it need not be planned anew
   */
  <T> List<T> query(Sql sql, boolean keepsPlan, Row.Mapper<? extends T> mapper)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    try (PreparedStatement statement = prepare(sql.text(), sql.arguments())) {
      if (dialect == Dialect.POSTGRESQL && !keepsPlan) {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      try (ResultSet result = statement.executeQuery()) {
        Row.readAll(result, mapper, rows);
      }
    }
    return rows;
  }

  /** The first row of a query, or null if there is none. */
  public <T> @Nullable T first(
      String sql, Row.Mapper<? extends T> mapper, @Nullable Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments);
        ResultSet result = statement.executeQuery()) {
      return result.next() ? mapper.map(new Row(result)) : null;
    }
  }

  /** Runs a statement that changes rows, and tells how many. */
  public int update(String sql, @Nullable Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments)) {
      return statement.executeUpdate();
    }
  }

  /**
   * Inserts rows, or updates those that are there: the one thing for which H2 and PostgreSQL have
   * no common form. Both forms take the same arguments.
   *
   * @param postgresql an {@code INSERT … ON CONFLICT … DO UPDATE}
   * @param h2 a {@code MERGE}
   */
  public int upsert(String postgresql, String h2, @Nullable Object... arguments)
      throws SQLException {
    try {
      return update(dialect == Dialect.POSTGRESQL ? postgresql : h2, arguments);
    } catch (SQLException e) {
      throw ofUpsert(e);
    }
  }

  /** H2's MERGE does not see a row that another transaction has just inserted: it may try again. */
  SQLException ofUpsert(SQLException e) {
    return dialect == Dialect.H2 && Database.isConstraintViolation(e)
        ? conflict("MERGE met a new row")
        : e;
  }

  /**
   * What work throws when it finds that another transaction got in its way: it starts again from
   * the beginning, in a new transaction.
   */
  public static SQLException conflict(String reason) {
    return new SQLTransactionRollbackException(reason, "40001");
  }

  /** Inserts one row and returns the generated key in {@code column}. */
  public long insert(String sql, String column, @Nullable Object... arguments) throws SQLException {
    statements.increment();
    try (PreparedStatement statement = connection.prepareStatement(sql, new String[] {column})) {
      bind(statement, arguments);
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        if (!keys.next()) {
          throw new SQLException("No generated key");
        }
        return keys.getLong(1);
      }
    }
  }

  PreparedStatement prepare(String sql, @Nullable Object[] arguments) throws SQLException {
    return prepare(sql, arguments, 1);
  }

  /**
   * A statement with its arguments.
   *
   * @param count how many statements {@code sql} holds
   */
  PreparedStatement prepare(String sql, @Nullable Object[] arguments, int count)
      throws SQLException {
    statements.add(count);
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      bind(statement, arguments);
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private void bind(PreparedStatement statement, @Nullable Object[] arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      checkStorable(argument);
      String arrayType =
          switch (argument) {
            case Long[] _ -> "BIGINT";
            case Integer[] _ -> "INTEGER";
            case Double[] _ -> dialect == Dialect.POSTGRESQL ? "float8" : "DOUBLE PRECISION";
            case Boolean[] _ -> "BOOLEAN";
            case String[] _ -> "VARCHAR";
            case null, default -> null;
          };
      if (arrayType == null) {
        statement.setObject(i + 1, argument);
      } else {
        statement.setArray(
            i + 1, connection.createArrayOf(arrayType, (@Nullable Object[]) argument));
      }
    }
  }

  /**
   * PostgreSQL cannot store U+0000; that one database refuses what the other takes helps nobody.
   */
  private static void checkStorable(@Nullable Object argument) {
    switch (argument) {
      case String text when text.indexOf('\0') >= 0 ->
          throw MillraceException.invalidParameter(
              "Invalid text: it must not contain the character U+0000.");
      case String[] texts -> {
        for (String text : texts) {
          checkStorable(text);
        }
      }
      case null, default -> {}
    }
  }
}
