package dev.millrace.tracking;

import dev.millrace.platform.sql.Database;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Puts rows for searches into the tables, without going through the write path of the store. */
final class SearchData {

  private final Database database;
  private final Keys keys;

  SearchData(Database database) {
    this.database = database;
    this.keys = new Keys(database);
  }

  long experiment(String name, long time, Map<String, String> tags) {
    long id =
        database.transaction(
            tx ->
                tx.insert(
                    """
                    INSERT INTO experiments (workspace, name, artifact_location, lifecycle_stage,
                      creation_time, last_update_time)
                    VALUES ('default', ?, 'x', 'active', ?, ?)
                    """,
                    "experiment_id",
                    name,
                    time,
                    time));
    tags.forEach(
        (key, value) ->
            update(
                "INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)",
                id,
                key,
                value));
    return id;
  }

  /** A run of which everything else has a fixed value. */
  Run run(long experimentId, String name, long startTime) {
    String id = UUID.randomUUID().toString().replace("-", "");
    long no =
        database.transaction(
            tx ->
                tx.insert(
                    """
                    INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time,
                      lifecycle_stage, artifact_uri)
                    VALUES (?, ?, ?, '', 'RUNNING', ?, 'active', ?)
                    """,
                    "run_no",
                    id,
                    experimentId,
                    name,
                    startTime,
                    "mlflow-artifacts:/" + id + "/artifacts"));
    return new Run(experimentId, no, id).tag("mlflow.runName", name);
  }

  /** The id of a model of which everything else has a fixed value. */
  String model(long experimentId, String name, long time) {
    String id = "m-" + UUID.randomUUID().toString().replace("-", "");
    update(
        """
        INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, creation_time,
          last_update_time, status, lifecycle_stage, model_type, source_run_id)
        VALUES (?, ?, ?, ?, ?, ?, 1, 'active', '', '')
        """,
        id,
        experimentId,
        name,
        "mlflow-artifacts:/" + id,
        time,
        time);
    return id;
  }

  void modelMetric(
      String modelId,
      long experimentId,
      String key,
      long timestamp,
      double value,
      @Nullable String datasetName,
      @Nullable String datasetDigest) {
    update(
        """
        INSERT INTO logged_model_metrics (model_id, key, timestamp, step, run_id, experiment_id,
          value, is_nan, dataset_name, dataset_digest)
        VALUES (?, ?, ?, 0, 'run', ?, ?, ?, ?, ?)
        """,
        modelId,
        key,
        timestamp,
        experimentId,
        Double.isNaN(value) ? 0 : value,
        Double.isNaN(value),
        datasetName,
        datasetDigest);
  }

  void update(String sql, @Nullable Object... arguments) {
    database.transaction(tx -> tx.update(sql, arguments));
  }

  private int key(String name) {
    return Objects.requireNonNull(keys.ensure(List.of(name)).get(name));
  }

  /** A run to which more is added. */
  final class Run {
    final long experimentId;
    final long no;
    final String id;

    private Run(long experimentId, long no, String id) {
      this.experimentId = experimentId;
      this.no = no;
      this.id = id;
    }

    Run set(String column, Object value) {
      update("UPDATE runs SET %s = ? WHERE run_no = ?".formatted(column), value, no);
      return this;
    }

    /** Stored as MLflow does: NaN as 0, an infinity as the largest or least double. */
    Run metric(String key, double value) {
      double stored =
          Double.isNaN(value) ? 0 : Math.clamp(value, -Double.MAX_VALUE, Double.MAX_VALUE);
      update(
          "INSERT INTO latest_metrics VALUES (?, ?, ?, 0, 1, ?, ?)",
          no,
          key(key),
          experimentId,
          stored,
          Double.isNaN(value));
      return this;
    }

    Run param(String key, String value) {
      update("INSERT INTO params VALUES (?, ?, ?, ?)", no, key(key), experimentId, value);
      return this;
    }

    Run tag(String key, String value) {
      update("INSERT INTO tags VALUES (?, ?, ?, ?)", no, key(key), experimentId, value);
      return this;
    }

    Run dataset(String name, String digest, @Nullable String context) {
      update(
          """
          INSERT INTO datasets (experiment_id, name, digest, source_type, source, schema, profile)
          SELECT ?, ?, ?, 'local', 's', '', ''
          WHERE NOT EXISTS (SELECT 1 FROM datasets
            WHERE experiment_id = ? AND name = ? AND digest = ?)
          """,
          experimentId,
          name,
          digest,
          experimentId,
          name,
          digest);
      List<Long> dataset =
          database.read(
              tx ->
                  tx.query(
                      "SELECT dataset_no FROM datasets WHERE experiment_id = ? AND name = ? AND"
                          + " digest = ?",
                      row -> row.longValue(1),
                      experimentId,
                      name,
                      digest));
      update(
          "INSERT INTO dataset_inputs (run_no, dataset_no) VALUES (?, ?)", no, dataset.getFirst());
      if (context != null) {
        update(
            "INSERT INTO dataset_input_tags VALUES (?, ?, 'mlflow.data.context', ?)",
            no,
            dataset.getFirst(),
            context);
      }
      return this;
    }
  }
}
