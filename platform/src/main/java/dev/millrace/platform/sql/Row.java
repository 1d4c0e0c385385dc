package dev.millrace.platform.sql;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The current row of a result; columns count from 1, in the order of the SELECT. */
public final class Row {

  private final ResultSet result;

  Row(ResultSet result) {
    this.result = result;
  }

  /** Adds what {@code mapper} makes of each row of {@code result}. */
  static <T> void readAll(ResultSet result, Mapper<? extends T> mapper, List<T> into)
      throws SQLException {
    Row row = new Row(result);
    while (result.next()) {
      into.add(mapper.map(row));
    }
  }

  /** A column that is never NULL. */
  public String string(int column) throws SQLException {
    String value = result.getString(column);
    if (value == null) {
      throw new SQLException("Column " + column + " is NULL");
    }
    return value;
  }

  public @Nullable String stringOrNull(int column) throws SQLException {
    return result.getString(column);
  }

  public long longValue(int column) throws SQLException {
    return result.getLong(column);
  }

  public @Nullable Long longOrNull(int column) throws SQLException {
    long value = result.getLong(column);
    return result.wasNull() ? null : value;
  }

  public int intValue(int column) throws SQLException {
    return result.getInt(column);
  }

  public double doubleValue(int column) throws SQLException {
    return result.getDouble(column);
  }

  public @Nullable Double doubleOrNull(int column) throws SQLException {
    double value = result.getDouble(column);
    return result.wasNull() ? null : value;
  }

  public boolean booleanValue(int column) throws SQLException {
    return result.getBoolean(column);
  }

  /** A column that is an array of texts, none of which is NULL. */
  public List<String> strings(int column) throws SQLException {
    Array array = result.getArray(column);
    List<String> strings = new ArrayList<>();
    for (Object element : (Object[]) array.getArray()) {
      strings.add((String) element);
    }
    return strings;
  }

  /** Makes a value of a row. */
  @FunctionalInterface
  public interface Mapper<T extends @Nullable Object> {
    T map(Row row) throws SQLException;
  }
}
