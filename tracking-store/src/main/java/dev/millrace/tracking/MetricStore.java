package dev.millrace.tracking;

import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the table {@code metric_points}. */
final class MetricStore {

  private static final String POINTS =
      """
      FROM metric_points p
      WHERE p.run_no = ? AND p.key_id = ? AND p.step BETWEEN ? AND ?\
      """;

  private final Keys keys;

  MetricStore(Keys keys) {
    this.keys = keys;
  }

  /** A point with the run it belongs to. */
  record RunPoint(String runId, MetricRow point) {}

  /**
   * The history of a metric of a run, by time, step and value.
   *
   * @param after the point behind which to begin; null for the first
   * @param skip how many points to leave out
   * @param limit how many points at most
   */
  List<MetricRow> history(
      Tx tx, String runId, String key, @Nullable MetricRow after, long skip, long limit)
      throws SQLException {
    List<@Nullable Object> arguments = new ArrayList<>(List.of(runId, key));
    if (after != null) {
      boolean isNan = Double.isNaN(after.value());
      arguments.addAll(
          List.of(after.timestamp(), after.step(), isNan ? 0.0 : after.value(), isNan));
    }
    arguments.add(limit);
    arguments.add(skip);
    return tx.query(
        history(tx.dialect(), after != null), row -> read(key, row), arguments.toArray());
  }

  /** The statement of a history, which reads no more points than it returns and skips. */
  static String history(Dialect dialect, boolean isContinued) {
    List<String> order = new ArrayList<>(dialect.inFront(List.of("p.run_no", "p.key_id")));
    order.addAll(List.of("p.timestamp", "p.step", "p.value", "p.is_nan"));
    return """
    SELECT p.value, p.is_nan, p.timestamp, p.step
    FROM metric_points p
    WHERE p.run_no = (SELECT run_no FROM runs WHERE run_id = ?)
      AND p.key_id = (SELECT key_id FROM keys WHERE name = ?)
      %s
    ORDER BY %s
    LIMIT ? OFFSET ?
    """
        .formatted(
            isContinued ? "AND (p.timestamp, p.step, p.value, p.is_nan) > (?, ?, ?, ?)" : "",
            String.join(", ", order));
  }

  /**
   * A sample of the history of a metric of each run, by step, time and value: the first point of
   * each of {@code size} equal parts (the earlier ones longer by one if need be), but in the last
   * part its last point. This is what mlflow 3.17.2 {@code sqlalchemy_store.py} makes of NTILE.
   *
   * @param size points of a run, at least 1
   */
  Map<String, List<MetricRow>> samples(
      Tx tx, List<String> runIds, String key, long firstStep, long lastStep, long size)
      throws SQLException {
    Integer keyId = keys.find(tx, List.of(key)).get(key);
    if (keyId == null) {
      return Map.of();
    }
    Map<Long, String> runs = new HashMap<>();
    tx.query(
        "SELECT run_no, run_id FROM runs WHERE run_id = ANY(?)",
        row -> runs.put(row.longValue(1), row.string(2)),
        (Object) runIds.toArray(String[]::new));
    if (runs.isEmpty()) {
      return Map.of();
    }
    // A SELECT for each run: its points come out of the index nearly in order and are sorted in
    // memory, where those of all runs together would be sorted on disk.
    List<Sql> histories =
        runs.keySet().stream()
            .map(runNo -> numbered(Sql.of(POINTS, runNo, keyId, firstStep, lastStep), size))
            .toList();
    // Of n points in s parts, the first n % s parts have n / s + 1 points, the others n / s.
    Sql sampled =
        Sql.of("SELECT value, is_nan, timestamp, step, run_no FROM (")
            .add(Sql.join(" UNION ALL ", histories))
            .add(
                """
                ) AS numbered
                WHERE n <= s OR i = n - 1 OR i < n - n / s
                  AND CASE WHEN i < n % s * (n / s + 1) THEN i % (n / s + 1)
                      ELSE (i - n % s * (n / s + 1)) % (n / s) END = 0
                ORDER BY run_no, step, timestamp, value, is_nan
                """);
    Map<String, List<MetricRow>> samples = HashMap.newHashMap(runs.size());
    tx.query(
        sampled.text(),
        row ->
            samples
                .computeIfAbsent(
                    Objects.requireNonNull(runs.get(row.longValue(5))), _ -> new ArrayList<>())
                .add(read(key, row)),
        sampled.arguments());
    return samples;
  }

  /** Numbers points by step, time and value from 0 as i; n is how many they are. */
  private static Sql numbered(Sql points, long size) {
    return Sql.of(
            """
            SELECT p.run_no, p.step, p.timestamp, p.value, p.is_nan,
              ROW_NUMBER() OVER (ORDER BY p.step, p.timestamp, p.value, p.is_nan) - 1 AS i,
              CAST(? AS BIGINT) AS s, (SELECT COUNT(*) \
            """,
            size)
        .add(points)
        .add(") AS n ")
        .add(points);
  }

  private static MetricRow read(String key, Row row) throws SQLException {
    return new MetricRow(
        key,
        row.booleanValue(2) ? Double.NaN : row.doubleValue(1),
        row.longValue(3),
        row.longValue(4));
  }
}
