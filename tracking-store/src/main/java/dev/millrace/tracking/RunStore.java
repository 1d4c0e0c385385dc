package dev.millrace.tracking;

import dev.millrace.platform.sql.Pipeline;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables {@code runs}, {@code latest_metrics}, {@code params} and {@code tags}. */
final class RunStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      runs.run_no, runs.run_id, runs.experiment_id, runs.name, runs.user_id, runs.status,
      runs.start_time, runs.end_time, runs.lifecycle_stage, runs.artifact_uri\
      """;

  static final int COLUMN_COUNT = 10;

  private static final String OF_RUN_ID = "= (SELECT run_no FROM runs WHERE run_id = ?)";

  private final Keys keys;
  private final InputStore inputs;

  RunStore(Keys keys, InputStore inputs) {
    this.keys = keys;
    this.inputs = inputs;
  }

  /**
   * Adds {@code run}, whose number is ignored, in one round trip.
   *
   * @param tags their values, by the numbers of their keys
   */
  void insert(Tx tx, RunRow run, Map<Integer, String> tags) throws SQLException {
    Pipeline statements = tx.pipeline();
    statements.update(
        """
        INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time, end_time,
          lifecycle_stage, artifact_uri)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        run.runId(),
        run.experimentId(),
        run.name(),
        run.userId(),
        run.status(),
        run.startTime(),
        run.endTime(),
        run.lifecycleStage().text(),
        run.artifactUri());
    statements.update(
        """
        INSERT INTO tags (run_no, key_id, experiment_id, value)
        SELECT runs.run_no, added.key_id, runs.experiment_id, added.value
        FROM UNNEST(?, ?) AS added(key_id, value) CROSS JOIN runs WHERE runs.run_id = ?
        """,
        tags.keySet().toArray(Integer[]::new),
        tags.values().toArray(String[]::new),
        run.runId());
    statements.run();
  }

  /** Finds runs; those that do not exist are left out. */
  Map<String, RunRow> find(Tx tx, Collection<String> runIds) throws SQLException {
    Map<String, RunRow> found = HashMap.newHashMap(runIds.size());
    tx.query(
        "SELECT " + COLUMNS + " FROM runs WHERE run_id = ANY(?)",
        row -> {
          RunRow run = read(row);
          return found.put(run.runId(), run);
        },
        (Object) runIds.toArray(String[]::new));
    return found;
  }

  @Nullable RunRow find(Tx tx, String runId) throws SQLException {
    return tx.first("SELECT " + COLUMNS + " FROM runs WHERE run_id = ?", RunStore::read, runId);
  }

  /** Finds a run, which nobody else changes until this transaction ends. */
  @Nullable RunRow lock(Tx tx, String runId) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM runs WHERE run_id = ? FOR UPDATE", RunStore::read, runId);
  }

  @Nullable String tag(Tx tx, long runNo, int keyId) throws SQLException {
    return tx.first(
        "SELECT value FROM tags WHERE run_no = ? AND key_id = ?",
        row -> row.string(1),
        runNo,
        keyId);
  }

  /** A tag of a run; null if there is no such tag or run. */
  @Nullable String tag(Tx tx, String runId, int keyId) throws SQLException {
    return tx.first(
        "SELECT value FROM tags WHERE run_no " + OF_RUN_ID + " AND key_id = ?",
        row -> row.string(1),
        runId,
        keyId);
  }

  void update(Tx tx, RunRow run) throws SQLException {
    tx.update(
        "UPDATE runs SET name = ?, status = ?, end_time = ? WHERE run_no = ?",
        run.name(),
        run.status(),
        run.endTime(),
        run.runNo());
  }

  void rename(Tx tx, long runNo, String name) throws SQLException {
    tx.update("UPDATE runs SET name = ? WHERE run_no = ?", name, runNo);
  }

  /**
   * Moves a run to a stage.
   *
   * @return false if there is no such run
   */
  boolean move(Tx tx, String runId, LifecycleStage to, long now) throws SQLException {
    return tx.update(
            "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_id = ?",
            to.text(),
            to == LifecycleStage.DELETED ? now : null,
            runId)
        > 0;
  }

  /** Moves all runs of an experiment to a stage. */
  void moveAll(Tx tx, long experimentId, LifecycleStage to, long now) throws SQLException {
    tx.update(
        "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?",
        to.text(),
        to == LifecycleStage.DELETED ? now : null,
        experimentId);
  }

  void setTag(Tx tx, RunRow run, int keyId, String value) throws SQLException {
    tx.upsert(
        """
        INSERT INTO tags (run_no, key_id, experiment_id, value) VALUES (?, ?, ?, ?)
        ON CONFLICT (run_no, key_id) DO UPDATE SET value = EXCLUDED.value
        """,
        """
        MERGE INTO tags (run_no, key_id, experiment_id, value) KEY (run_no, key_id)
        VALUES (?, ?, ?, ?)
        """,
        run.runNo(),
        keyId,
        run.experimentId(),
        value);
  }

  /** Deletes a tag, and tells whether there was one. */
  boolean deleteTag(Tx tx, long runNo, String key) throws SQLException {
    return tx.update(
            """
            DELETE FROM tags
            WHERE run_no = ? AND key_id = (SELECT key_id FROM keys WHERE name = ?)
            """,
            runNo,
            key)
        > 0;
  }

  /**
   * A run with everything that was logged to it, or null if there is none; one round trip unless it
   * has datasets or keys not met before.
   */
  @Nullable RunContent content(Tx tx, String runId) throws SQLException {
    Pipeline queries = tx.pipeline();
    List<RunRow> run =
        queries.query("SELECT " + COLUMNS + " FROM runs WHERE run_id = ?", RunStore::read, runId);
    Logged logged = logged(queries, OF_RUN_ID, "", runId);
    List<String> modelInputs = inputs.modelInputs(queries, OF_RUN_ID, runId);
    queries.run();
    if (run.isEmpty()) {
      return null;
    }
    RunContent content = fill(tx, run, logged).getFirst();
    content.modelInputs().addAll(modelInputs);
    return content;
  }

  /**
   * Loads runs completely, but for the models they use, in the order of {@code runs}, in a number
   * of statements that does not depend on how many they are.
   *
   * @param most of metrics, of params and of tags, in all runs together
   * @return null if there are more
   */
  @Nullable List<RunContent> load(Tx tx, List<RunRow> runs, int most) throws SQLException {
    Pipeline queries = tx.pipeline();
    Long[] numbers = runs.stream().map(RunRow::runNo).toArray(Long[]::new);
    Logged logged = logged(queries, "= ANY(?)", " LIMIT " + (most + 1L), numbers);
    queries.run();
    return logged.metrics.size() > most || logged.params.size() > most || logged.tags.size() > most
        ? null
        : fill(tx, runs, logged);
  }

  private Logged logged(Pipeline queries, String ofRuns, String limit, Object runs) {
    return new Logged(
        queries.query(
            """
            SELECT run_no, key_id, value, is_nan, timestamp, step FROM latest_metrics
            WHERE run_no %s %s
            """
                .formatted(ofRuns, limit),
            row ->
                new Point(
                    row.longValue(1),
                    row.intValue(2),
                    row.booleanValue(4) ? Double.NaN : row.doubleValue(3),
                    row.longValue(5),
                    row.longValue(6)),
            runs),
        queries.query(
            "SELECT run_no, key_id, value FROM params WHERE run_no " + ofRuns + limit,
            Pair::read,
            runs),
        queries.query(
            "SELECT run_no, key_id, value FROM tags WHERE run_no " + ofRuns + limit,
            Pair::read,
            runs),
        inputs.uses(queries, ofRuns, runs),
        inputs.modelOutputs(queries, ofRuns, runs));
  }

  private List<RunContent> fill(Tx tx, List<RunRow> runs, Logged logged) throws SQLException {
    Map<Long, RunContent> contents = LinkedHashMap.newLinkedHashMap(runs.size());
    runs.forEach(run -> contents.put(run.runNo(), new RunContent(run)));
    Set<Integer> keyIds = new HashSet<>();
    logged.metrics.forEach(metric -> keyIds.add(metric.keyId));
    logged.params.forEach(param -> keyIds.add(param.keyId));
    logged.tags.forEach(tag -> keyIds.add(tag.keyId));
    Map<Integer, String> names = keys.names(tx, keyIds);
    for (Point m : logged.metrics) {
      content(contents, m.runNo)
          .metrics()
          .add(new MetricRow(name(names, m.keyId), m.value, m.timestamp, m.step));
    }
    for (Pair p : logged.params) {
      content(contents, p.runNo).params().add(new PairRow(name(names, p.keyId), p.value));
    }
    for (Pair t : logged.tags) {
      content(contents, t.runNo).tags().add(new PairRow(name(names, t.keyId), t.value));
    }
    inputs
        .datasetInputs(tx, logged.datasets)
        .forEach((runNo, rows) -> content(contents, runNo).datasetInputs().addAll(rows));
    for (InputStore.Output output : logged.modelOutputs) {
      content(contents, output.runNo()).modelOutputs().add(output.model());
    }
    return List.copyOf(contents.values());
  }

  private static RunContent content(Map<Long, RunContent> contents, long runNo) {
    return Objects.requireNonNull(contents.get(runNo));
  }

  private static String name(Map<Integer, String> names, int keyId) {
    return Objects.requireNonNull(names.get(keyId));
  }

  private record Logged(
      List<Point> metrics,
      List<Pair> params,
      List<Pair> tags,
      List<InputStore.Use> datasets,
      List<InputStore.Output> modelOutputs) {}

  private record Point(long runNo, int keyId, double value, long timestamp, long step) {}

  private record Pair(long runNo, int keyId, String value) {
    static Pair read(Row row) throws SQLException {
      return new Pair(row.longValue(1), row.intValue(2), row.string(3));
    }
  }

  static RunRow read(Row row) throws SQLException {
    return new RunRow(
        row.longValue(1),
        row.string(2),
        row.longValue(3),
        row.string(4),
        row.string(5),
        row.string(6),
        row.longValue(7),
        row.longOrNull(8),
        LifecycleStage.of(row.string(9)),
        row.string(10));
  }
}
