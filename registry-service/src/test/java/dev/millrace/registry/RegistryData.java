package dev.millrace.registry;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Dialect;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts rows for searches into the tables, many at once, and at times of the caller's choice. */
final class RegistryData {

  private static final int BATCH = 5000;

  private final Database database;

  RegistryData(Database database) {
    this.database = database;
  }

  /** A model without versions. */
  long model(String name, long time, Map<String, String> tags) {
    long modelNo =
        database.transaction(
            tx ->
                tx.insert(
                    """
                    INSERT INTO registered_models (workspace, name, creation_time, last_update_time,
                      last_version)
                    VALUES ('default', ?, ?, ?, 0)
                    """,
                    "model_no",
                    name,
                    time,
                    time));
    tags.forEach(
        (key, value) ->
            update("INSERT INTO registered_model_tags VALUES (?, ?, ?)", modelNo, key, value));
    return modelNo;
  }

  /**
   * Adds versions 1 to {@code count}, created and updated one millisecond after the other from
   * {@code time} on. By their numbers they belong to {@code runs} runs in turn, "run0" …, and have
   * one of {@code values} values of the tag "k", "v0" …; those of a prompt have its tag.
   */
  void versions(long modelNo, int count, long time, int runs, int values, boolean isPrompt) {
    // H2 needs much longer for one large transaction than for many small ones.
    for (int first = 1; first <= count; first += BATCH) {
      int last = Math.min(count, first + BATCH - 1);
      update(
          """
          INSERT INTO model_versions (model_no, workspace, name, version, creation_time,
            last_update_time, current_stage, source, storage_location, run_id, status, is_prompt)
          SELECT model_no, workspace, name, n, ? + n, ? + n,
            CASE MOD(n, 1000) WHEN 7 THEN 'Production' WHEN 8 THEN 'Staging' ELSE 'None' END,
            's3://bucket/model', 's3://bucket/model', CONCAT('run', MOD(n, ?)), 'READY', ?
          FROM registered_models CROSS JOIN %s(%d, %d) AS numbers(n) WHERE model_no = ?
          """
              .formatted(numbers(), first, last),
          time,
          time,
          runs,
          isPrompt,
          modelNo);
      tag(modelNo, first, last, "k", "CONCAT('v', MOD(version, %d))".formatted(values));
      if (isPrompt) {
        tag(modelNo, first, last, "mlflow.prompt.is_prompt", "'true'");
      }
    }
    update("UPDATE registered_models SET last_version = ? WHERE model_no = ?", count, modelNo);
  }

  private void tag(long modelNo, int first, int last, String key, String value) {
    update(
        """
        INSERT INTO model_version_tags (version_no, key, value, model_no, workspace, version,
          last_update_time)
        SELECT version_no, CAST(? AS VARCHAR), %s, model_no, workspace, version, last_update_time
        FROM model_versions WHERE model_no = ? AND version BETWEEN ? AND ?
        """
            .formatted(value),
        key,
        modelNo,
        first,
        last);
  }

  private String numbers() {
    return database.dialect() == Dialect.H2 ? "SYSTEM_RANGE" : "GENERATE_SERIES";
  }

  /** A version without tags, created and updated at {@code time}. */
  void version(String model, int version, long time, String runId, String source) {
    update(
        """
        INSERT INTO model_versions (model_no, workspace, name, version, creation_time,
          last_update_time, current_stage, source, storage_location, run_id, status)
        SELECT model_no, workspace, name, CAST(? AS INTEGER), CAST(? AS BIGINT),
          CAST(? AS BIGINT), 'None', CAST(? AS VARCHAR), '', CAST(? AS VARCHAR), 'READY'
        FROM registered_models WHERE name = ?
        """,
        version,
        time,
        time,
        source,
        runId,
        model);
  }

  /** Lets the planner see what there is; nothing is left to be cleaned up in the background. */
  void analyze() {
    String sql = database.dialect() == Dialect.H2 ? "ANALYZE" : "VACUUM ANALYZE";
    database.read(tx -> tx.update(sql));
  }

  void update(String sql, @Nullable Object... arguments) {
    database.transaction(tx -> tx.update(sql, arguments));
  }
}
