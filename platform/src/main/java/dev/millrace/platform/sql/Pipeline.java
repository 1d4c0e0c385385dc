package dev.millrace.platform.sql;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Statements that do not need each other's answers and go to the database together, in the order in
 * which they were added: PostgreSQL gets them in one round trip, which costs more than such a
 * statement itself. Each sees its own snapshot, as elsewhere. What the methods return has its
 * content after {@link #run}.
 */
public final class Pipeline {

  private final Tx tx;
  private final List<Entry> entries = new ArrayList<>();

  Pipeline(Tx tx) {
    this.tx = tx;
  }

  /** A statement, and what becomes of its answer. */
  private record Entry(
      String sql, List<@Nullable Object> arguments, boolean isUpsert, Answer answer) {}

  private sealed interface Answer {}

  private record Rows<T>(Row.Mapper<? extends T> mapper, List<T> rows) implements Answer {
    void read(ResultSet result) throws SQLException {
      Row.readAll(result, mapper, rows);
    }
  }

  /** How many rows a statement changed. */
  public static final class Changed implements Answer {
    private int rows = -1;

    private Changed() {}

    /**
     * The number of rows.
     *
     * @throws IllegalStateException before {@link Pipeline#run}
     */
    public int rows() {
      if (rows < 0) {
        throw new IllegalStateException("The statement has not run");
      }
      return rows;
    }
  }

  /** Adds a query. */
  public <T> List<T> query(
      String sql, Row.Mapper<? extends T> mapper, @Nullable Object... arguments) {
    Rows<T> rows = new Rows<>(mapper, new ArrayList<>());
    entries.add(new Entry(sql, Arrays.asList(arguments), false, rows));
    return rows.rows;
  }

  /** Adds a statement that changes rows. */
  public Changed update(String sql, @Nullable Object... arguments) {
    Changed changed = new Changed();
    entries.add(new Entry(sql, Arrays.asList(arguments), false, changed));
    return changed;
  }

  /** Adds what {@link Tx#upsert} does. */
  public void upsert(String postgresql, String h2, @Nullable Object... arguments) {
    String sql = tx.dialect() == Dialect.POSTGRESQL ? postgresql : h2;
    entries.add(new Entry(sql, Arrays.asList(arguments), true, new Changed()));
  }

  /** Runs all statements, once. */
  public void run() throws SQLException {
    if (tx.dialect() == Dialect.POSTGRESQL && entries.size() > 1) {
      runTogether();
    } else {
      for (Entry entry : entries) {
        try (PreparedStatement statement = tx.prepare(entry.sql, entry.arguments.toArray())) {
          take(entry, statement, statement.execute());
        } catch (SQLException e) {
          throw entry.isUpsert ? tx.ofUpsert(e) : e;
        }
      }
    }
    entries.clear();
  }

  private void runTogether() throws SQLException {
    String sql = String.join(";\n", entries.stream().map(Entry::sql).toList());
    @Nullable Object[] arguments =
        entries.stream().flatMap(entry -> entry.arguments.stream()).toArray();
    try (PreparedStatement statement = tx.prepare(sql, arguments, entries.size())) {
      boolean isResult = statement.execute();
      for (Entry entry : entries) {
        take(entry, statement, isResult);
        isResult = statement.getMoreResults();
      }
    }
  }

  private static void take(Entry entry, PreparedStatement statement, boolean isResult)
      throws SQLException {
    switch (entry.answer) {
      case Rows<?> rows when isResult -> {
        try (ResultSet result = statement.getResultSet()) {
          rows.read(result);
        }
      }
      case Changed changed when !isResult -> changed.rows = statement.getUpdateCount();
      case Rows<?> _, Changed _ ->
          throw new SQLException("A statement gave another kind of answer: " + entry.sql);
    }
  }
}
