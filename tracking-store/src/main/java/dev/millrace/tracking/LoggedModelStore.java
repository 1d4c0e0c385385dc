package dev.millrace.tracking;

import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables {@code logged_models} and {@code logged_model_*}. */
final class LoggedModelStore {

  private static final Comparator<LoggedModelMetricRow> ROW_ORDER =
      Comparator.comparing(LoggedModelMetricRow::modelId)
          .thenComparing(metric -> metric.point().key())
          .thenComparing(metric -> metric.point().timestamp())
          .thenComparing(metric -> metric.point().step());

  /** Adds {@code model} with its params and tags. */
  void insert(Tx tx, LoggedModelRow model) throws SQLException {
    tx.update(
        """
        INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, creation_time,
          last_update_time, status, lifecycle_stage, model_type, source_run_id, status_message)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        model.modelId(),
        model.experimentId(),
        model.name(),
        model.artifactUri(),
        model.creationTime(),
        model.lastUpdateTime(),
        model.status(),
        model.lifecycleStage().text(),
        model.modelType(),
        model.sourceRunId(),
        model.statusMessage());
    insertParams(tx, model.modelId(), model.experimentId(), model.params());
    insertTags(tx, model.modelId(), model.experimentId(), model.tags());
  }

  /** The experiment of a model, deleted or not. */
  @Nullable Long findExperiment(Tx tx, String modelId) throws SQLException {
    return tx.first(
        "SELECT experiment_id FROM logged_models WHERE model_id = ?",
        row -> row.longValue(1),
        modelId);
  }

  /** The run that made a model, deleted or not; empty if none did. */
  @Nullable String sourceRun(Tx tx, String modelId) throws SQLException {
    return tx.first(
        "SELECT source_run_id FROM logged_models WHERE model_id = ?",
        row -> row.string(1),
        modelId);
  }

  /** The experiment of a model, which nobody else changes until this transaction ends. */
  @Nullable Long lockExperiment(Tx tx, String modelId) throws SQLException {
    return tx.first(
        "SELECT experiment_id FROM logged_models WHERE model_id = ? FOR UPDATE",
        row -> row.longValue(1),
        modelId);
  }

  /** Whether there is such a model. */
  boolean setStatus(Tx tx, String modelId, int status, long now) throws SQLException {
    return tx.update(
            "UPDATE logged_models SET status = ?, last_update_time = ? WHERE model_id = ?",
            status,
            now,
            modelId)
        == 1;
  }

  /** Whether there is such a model. */
  boolean setLifecycleStage(Tx tx, String modelId, LifecycleStage stage, long now)
      throws SQLException {
    return tx.update(
            "UPDATE logged_models SET lifecycle_stage = ?, last_update_time = ? WHERE model_id = ?",
            stage.text(),
            now,
            modelId)
        == 1;
  }

  /** Adds those params whose keys are new, and returns how many these were. */
  int insertParams(Tx tx, String modelId, long experimentId, Map<String, String> params)
      throws SQLException {
    if (params.isEmpty()) {
      return 0;
    }
    return tx.update(
        """
        INSERT INTO logged_model_params (model_id, key, experiment_id, value)
        SELECT ?, key, ?, value FROM UNNEST(?, ?) AS added(key, value)
        ON CONFLICT DO NOTHING
        """,
        modelId,
        experimentId,
        params.keySet().toArray(String[]::new),
        params.values().toArray(String[]::new));
  }

  /** Sets tags of a model that the caller has locked. */
  void setTags(Tx tx, String modelId, long experimentId, Map<String, String> tags)
      throws SQLException {
    if (tags.isEmpty()) {
      return;
    }
    tx.update(
        "DELETE FROM logged_model_tags WHERE model_id = ? AND key = ANY(?)",
        modelId,
        tags.keySet().toArray(String[]::new));
    insertTags(tx, modelId, experimentId, tags);
  }

  @Nullable String tag(Tx tx, String modelId, String key) throws SQLException {
    return tx.first(
        "SELECT value FROM logged_model_tags WHERE model_id = ? AND key = ?",
        row -> row.string(1),
        modelId,
        key);
  }

  /** Whether there was such a tag. */
  boolean deleteTag(Tx tx, String modelId, String key) throws SQLException {
    return tx.update("DELETE FROM logged_model_tags WHERE model_id = ? AND key = ?", modelId, key)
        == 1;
  }

  Map<String, String> params(Tx tx, String modelId) throws SQLException {
    return Pairs.of(
            tx,
            "SELECT model_id, key, value FROM logged_model_params WHERE model_id = ANY(?)",
            List.of(modelId))
        .of(modelId);
  }

  /**
   * Adds points that runs measured on models, each with the experiment of its model, in one
   * statement if all are new.
   *
   * @return the points that could not be added, because no such model exists or it has another
   *     value at the same place; what is there already, as after a retry, counts as added
   */
  List<LoggedModelMetricRow> insertMetrics(Tx tx, Collection<LoggedModelMetricRow> metrics)
      throws SQLException {
    // One order for everybody: concurrent batches cannot deadlock.
    List<LoggedModelMetricRow> sorted =
        metrics.stream()
            .map(LoggedModelStore::withoutNegativeZero)
            .distinct()
            .sorted(ROW_ORDER)
            .toList();
    int size = sorted.size();
    String[] modelIds = new String[size];
    String[] keys = new String[size];
    Long[] timestamps = new Long[size];
    Long[] steps = new Long[size];
    String[] runIds = new String[size];
    Double[] values = new Double[size];
    Boolean[] nans = new Boolean[size];
    @Nullable String[] datasetNames = new @Nullable String[size];
    @Nullable String[] datasetDigests = new @Nullable String[size];
    for (int i = 0; i < size; i++) {
      LoggedModelMetricRow metric = sorted.get(i);
      MetricRow point = metric.point();
      boolean nan = Double.isNaN(point.value());
      modelIds[i] = metric.modelId();
      keys[i] = point.key();
      timestamps[i] = point.timestamp();
      steps[i] = point.step();
      runIds[i] = metric.runId();
      values[i] = nan ? 0 : point.value();
      nans[i] = nan;
      datasetNames[i] = nullIfEmpty(metric.datasetName());
      datasetDigests[i] = nullIfEmpty(metric.datasetDigest());
    }
    int added =
        tx.update(
            """
            INSERT INTO logged_model_metrics (model_id, key, timestamp, step, run_id, experiment_id,
              value, is_nan, dataset_name, dataset_digest)
            SELECT added.model_id, added.key, added.timestamp, added.step, added.run_id,
              model.experiment_id, added.value, added.is_nan, added.dataset_name,
              added.dataset_digest
            FROM UNNEST(?, ?, ?, ?, ?, ?, ?, ?, ?) AS added(model_id, key, timestamp, step, run_id,
              value, is_nan, dataset_name, dataset_digest)
            JOIN logged_models model ON model.model_id = added.model_id
            ON CONFLICT DO NOTHING
            """,
            modelIds,
            keys,
            timestamps,
            steps,
            runIds,
            values,
            nans,
            datasetNames,
            datasetDigests);
    if (added == size) {
      return List.of();
    }
    Set<LoggedModelMetricRow> missing = new LinkedHashSet<>(sorted);
    tx.query(
            """
            SELECT stored.model_id, stored.run_id, stored.key, stored.value, stored.is_nan,
              stored.timestamp, stored.step, stored.dataset_name, stored.dataset_digest
            FROM UNNEST(?, ?, ?, ?, ?) AS added(model_id, key, timestamp, step, run_id)
            JOIN logged_model_metrics stored ON stored.model_id = added.model_id
              AND stored.key = added.key AND stored.timestamp = added.timestamp
              AND stored.step = added.step AND stored.run_id = added.run_id
            """,
            LoggedModelStore::readMetric,
            modelIds,
            keys,
            timestamps,
            steps,
            runIds)
        .forEach(missing::remove);
    return List.copyOf(missing);
  }

  /**
   * Loads models completely, deleted or not, in the order of {@code modelIds}, in four statements
   * however many they are. Those that do not exist are left out.
   */
  List<LoggedModelRow> load(Tx tx, List<String> modelIds) throws SQLException {
    if (modelIds.isEmpty()) {
      return List.of();
    }
    Object ids = modelIds.toArray(String[]::new);
    Pairs params =
        Pairs.of(
            tx,
            "SELECT model_id, key, value FROM logged_model_params WHERE model_id = ANY(?)",
            modelIds);
    Pairs tags =
        Pairs.of(
            tx,
            "SELECT model_id, key, value FROM logged_model_tags WHERE model_id = ANY(?)",
            modelIds);
    Map<String, List<LoggedModelMetricRow>> metrics = new HashMap<>();
    tx.query(
            """
            SELECT model_id, run_id, key, value, is_nan, timestamp, step, dataset_name,
              dataset_digest
            FROM logged_model_metrics WHERE model_id = ANY(?)
            ORDER BY model_id, key, timestamp, step, run_id
            """,
            LoggedModelStore::readMetric,
            ids)
        .forEach(
            metric ->
                metrics.computeIfAbsent(metric.modelId(), _ -> new ArrayList<>()).add(metric));
    Map<String, LoggedModelRow> models = new HashMap<>();
    tx.query(
            """
            SELECT model_id, experiment_id, name, artifact_uri, creation_time, last_update_time,
              status, lifecycle_stage, model_type, source_run_id, status_message
            FROM logged_models WHERE model_id = ANY(?)
            """,
            row -> {
              String id = row.string(1);
              return new LoggedModelRow(
                  id,
                  row.longValue(2),
                  row.string(3),
                  row.string(4),
                  row.longValue(5),
                  row.longValue(6),
                  row.intValue(7),
                  LifecycleStage.of(row.string(8)),
                  row.string(9),
                  row.string(10),
                  row.stringOrNull(11),
                  params.of(id),
                  tags.of(id),
                  metrics.getOrDefault(id, List.of()));
            },
            ids)
        .forEach(model -> models.put(model.modelId(), model));
    return modelIds.stream().map(models::get).filter(Objects::nonNull).toList();
  }

  private static void insertTags(Tx tx, String modelId, long experimentId, Map<String, String> tags)
      throws SQLException {
    if (tags.isEmpty()) {
      return;
    }
    tx.update(
        """
        INSERT INTO logged_model_tags (model_id, key, experiment_id, value)
        SELECT ?, key, ?, value FROM UNNEST(?, ?) AS added(key, value)
        """,
        modelId,
        experimentId,
        tags.keySet().toArray(String[]::new),
        tags.values().toArray(String[]::new));
  }

  /** H2 stores -0 as 0, so that a retry would not find it. */
  private static LoggedModelMetricRow withoutNegativeZero(LoggedModelMetricRow metric) {
    MetricRow point = metric.point();
    return point.value() != 0
        ? metric
        : new LoggedModelMetricRow(
            metric.modelId(),
            metric.runId(),
            new MetricRow(point.key(), 0, point.timestamp(), point.step()),
            metric.datasetName(),
            metric.datasetDigest());
  }

  private static LoggedModelMetricRow readMetric(Row row) throws SQLException {
    double value = row.booleanValue(5) ? Double.NaN : row.doubleValue(4);
    return new LoggedModelMetricRow(
        row.string(1),
        row.string(2),
        new MetricRow(row.string(3), value, row.longValue(6), row.longValue(7)),
        emptyIfNull(row.stringOrNull(8)),
        emptyIfNull(row.stringOrNull(9)));
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String emptyIfNull(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Params or tags, by model. */
  private record Pairs(Map<String, Map<String, String>> byModel) {

    static Pairs of(Tx tx, String sql, List<String> modelIds) throws SQLException {
      Map<String, Map<String, String>> byModel = new HashMap<>();
      tx.query(
          sql,
          row ->
              byModel
                  .computeIfAbsent(row.string(1), _ -> new TreeMap<>())
                  .put(row.string(2), row.string(3)),
          (Object) modelIds.toArray(String[]::new));
      return new Pairs(byModel);
    }

    Map<String, String> of(String modelId) {
      return byModel.getOrDefault(modelId, Map.of());
    }
  }
}
