package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.GroupCommit.Outcome;
import dev.millrace.platform.sql.Pipeline;
import dev.millrace.platform.sql.Tx;
import dev.millrace.tracking.BatchGroup.Point;
import dev.millrace.tracking.BatchGroup.RunKey;
import dev.millrace.tracking.BatchGroup.Value;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is logged to runs: a handful of statements, however many batches there are and
 * however much is in them. Tables, and rows within a table, are touched in one order, so that
 * transactions that run at the same time wait for each other but never in a circle.
 */
final class BatchStore {

  private final RunStore runs;
  private final LoggedModels models;

  BatchStore(RunStore runs, LoggedModels models) {
    this.runs = runs;
    this.models = models;
  }

  /**
   * Writes {@code batches} as if one after the other.
   *
   * @param keyIds the numbers of all keys
   * @return why each was refused, in their order; nothing of a refused batch is written
   * @throws MillraceException BAD_REQUEST if one of them is about a logged model that does not
   *     exist or has another value at the same place; nothing is written then
   */
  List<Outcome<Boolean>> write(Tx tx, List<Batch> batches, Map<String, Integer> keyIds)
      throws SQLException {
    Map<String, RunRow> found =
        runs.find(tx, batches.stream().map(Batch::runId).distinct().toList());
    BatchGroup group = new BatchGroup(keyIds);
    Map<RunKey, String> stored = params(tx, batches, found, group);
    List<Outcome<Boolean>> outcomes = new ArrayList<>(batches.size());
    for (Batch batch : batches) {
      try {
        RunRow run = Runs.requireActive(found.get(batch.runId()), batch.runId());
        group.add(batch, run, stored);
        outcomes.add(new Outcome.Written<>(true));
      } catch (MillraceException refusal) {
        outcomes.add(new Outcome.Refused<>(refusal));
      }
    }
    for (Map.Entry<Long, String> name : group.names().entrySet()) {
      runs.rename(tx, name.getKey(), name.getValue());
    }
    Pipeline changes = tx.pipeline();
    insertPoints(changes, group.points());
    upsertLatest(changes, group);
    Pipeline.@Nullable Changed params = insertParams(changes, group.params());
    upsertTags(changes, group.tags());
    changes.run();
    if (params != null && params.rows() < group.params().size()) {
      // Somebody was faster since we looked: look again whether it is the same value.
      throw Tx.conflict("Params were logged by another transaction");
    }
    models.logMetrics(tx, group.modelMetrics());
    return outcomes;
  }

  private static Map<RunKey, String> params(
      Tx tx, List<Batch> batches, Map<String, RunRow> runs, BatchGroup group) throws SQLException {
    SortedSet<RunKey> asked = new TreeSet<>();
    for (Batch batch : batches) {
      RunRow run = runs.get(batch.runId());
      if (run != null) {
        batch.params().keySet().forEach(key -> asked.add(group.key(run, key)));
      }
    }
    Map<RunKey, String> stored = new HashMap<>();
    if (!asked.isEmpty()) {
      tx.query(
          """
          SELECT p.run_no, p.key_id, p.value
          FROM UNNEST(?, ?) AS asked(run_no, key_id)
          JOIN params p ON p.run_no = asked.run_no AND p.key_id = asked.key_id
          """,
          row -> stored.put(new RunKey(row.longValue(1), row.intValue(2)), row.string(3)),
          column(asked, RunKey::runNo, Long[]::new),
          column(asked, RunKey::keyId, Integer[]::new));
    }
    return stored;
  }

  private static void insertPoints(Pipeline changes, Collection<Point> points) {
    if (points.isEmpty()) {
      return;
    }
    changes.update(
        """
        INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
        SELECT run_no, key_id, timestamp, step, value, is_nan
        FROM UNNEST(?, ?, ?, ?, ?, ?) AS added(run_no, key_id, timestamp, step, value, is_nan)
        ON CONFLICT DO NOTHING
        """,
        column(points, point -> point.key().runNo(), Long[]::new),
        column(points, point -> point.key().keyId(), Integer[]::new),
        column(points, Point::timestamp, Long[]::new),
        column(points, Point::step, Long[]::new),
        column(points, Point::value, Double[]::new),
        column(points, Point::isNan, Boolean[]::new));
  }

  private static void upsertLatest(Pipeline changes, BatchGroup group) {
    Collection<Point> points = group.latest();
    if (points.isEmpty()) {
      return;
    }
    changes.upsert(
        """
        INSERT INTO latest_metrics AS l
          (run_no, key_id, experiment_id, step, timestamp, value, is_nan)
        SELECT run_no, key_id, experiment_id, step, timestamp, value, is_nan
        FROM UNNEST(?, ?, ?, ?, ?, ?, ?)
          AS a(run_no, key_id, experiment_id, step, timestamp, value, is_nan)
        ON CONFLICT (run_no, key_id) DO UPDATE
        SET step = EXCLUDED.step, timestamp = EXCLUDED.timestamp, value = EXCLUDED.value,
          is_nan = EXCLUDED.is_nan
        WHERE (EXCLUDED.step, EXCLUDED.timestamp, EXCLUDED.value) > (l.step, l.timestamp, l.value)
        """,
        """
        MERGE INTO latest_metrics AS l
        USING (SELECT run_no, key_id, experiment_id, step, timestamp, value, is_nan
          FROM UNNEST(?, ?, ?, ?, ?, ?, ?)
            AS u(run_no, key_id, experiment_id, step, timestamp, value, is_nan)) AS a
        ON l.run_no = a.run_no AND l.key_id = a.key_id
        WHEN MATCHED AND (a.step, a.timestamp, a.value) > (l.step, l.timestamp, l.value)
        THEN UPDATE SET step = a.step, timestamp = a.timestamp, value = a.value, is_nan = a.is_nan
        WHEN NOT MATCHED THEN INSERT
          VALUES (a.run_no, a.key_id, a.experiment_id, a.step, a.timestamp, a.value, a.is_nan)
        """,
        column(points, point -> point.key().runNo(), Long[]::new),
        column(points, point -> point.key().keyId(), Integer[]::new),
        column(points, point -> group.experimentId(point.key().runNo()), Long[]::new),
        column(points, Point::step, Long[]::new),
        column(points, Point::timestamp, Long[]::new),
        column(points, Point::value, Double[]::new),
        column(points, Point::isNan, Boolean[]::new));
  }

  private static Pipeline.@Nullable Changed insertParams(
      Pipeline changes, SortedMap<RunKey, Value> params) {
    if (params.isEmpty()) {
      return null;
    }
    return changes.update(
        """
        INSERT INTO params (run_no, key_id, experiment_id, value)
        SELECT run_no, key_id, experiment_id, value
        FROM UNNEST(?, ?, ?, ?) AS added(run_no, key_id, experiment_id, value)
        ON CONFLICT DO NOTHING
        """,
        values(params));
  }

  private static void upsertTags(Pipeline changes, SortedMap<RunKey, Value> tags) {
    if (tags.isEmpty()) {
      return;
    }
    changes.upsert(
        """
        INSERT INTO tags AS t (run_no, key_id, experiment_id, value)
        SELECT run_no, key_id, experiment_id, value
        FROM UNNEST(?, ?, ?, ?) AS a(run_no, key_id, experiment_id, value)
        ON CONFLICT (run_no, key_id) DO UPDATE SET value = EXCLUDED.value
        WHERE t.value <> EXCLUDED.value
        """,
        """
        MERGE INTO tags AS t
        USING (SELECT run_no, key_id, experiment_id, value
          FROM UNNEST(?, ?, ?, ?) AS u(run_no, key_id, experiment_id, value)) AS a
        ON t.run_no = a.run_no AND t.key_id = a.key_id
        WHEN MATCHED AND t.value <> a.value THEN UPDATE SET value = a.value
        WHEN NOT MATCHED THEN INSERT VALUES (a.run_no, a.key_id, a.experiment_id, a.value)
        """,
        values(tags));
  }

  private static Object[] values(SortedMap<RunKey, Value> rows) {
    return new Object[] {
      column(rows.keySet(), RunKey::runNo, Long[]::new),
      column(rows.keySet(), RunKey::keyId, Integer[]::new),
      column(rows.values(), Value::experimentId, Long[]::new),
      column(rows.values(), Value::value, String[]::new)
    };
  }

  private static <T, V> V[] column(
      Collection<T> rows, Function<T, V> value, IntFunction<V[]> array) {
    return rows.stream().map(value).toArray(array);
  }
}
