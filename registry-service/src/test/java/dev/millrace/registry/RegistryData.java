package dev.millrace.registry;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Dialect;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts rows for searches into the tables, many at once, and at times of the caller's choice. */
final class RegistryData {

  private static final String TAG_COLUMNS =
      "(version_no, key, value, workspace, name, version, last_update_time)";

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
    update(
        """
        INSERT INTO model_versions (model_no, workspace, name, version, creation_time,
          last_update_time, current_stage, source, storage_location, run_id, status, is_prompt)
        SELECT registered_models.model_no, workspace, name, n, ? + n, ? + n,
          CASE MOD(n, 1000) WHEN 7 THEN 'Production' WHEN 8 THEN 'Staging' ELSE 'None' END,
          's3://bucket/model', 's3://bucket/model', CONCAT('run', MOD(n, ?)), 'READY', ?
        FROM registered_models CROSS JOIN %s AS numbers(n) WHERE model_no = ?
        """
            .formatted(numbers(count)),
        time,
        time,
        runs,
        isPrompt,
        modelNo);
    update(
        """
        INSERT INTO model_version_tags %s
        SELECT version_no, 'k', CONCAT('v', MOD(version, ?)), workspace, name, version,
          last_update_time
        FROM model_versions WHERE model_no = ?
        """
            .formatted(TAG_COLUMNS),
        values,
        modelNo);
    if (isPrompt) {
      update(
          """
          INSERT INTO model_version_tags %s
          SELECT version_no, 'mlflow.prompt.is_prompt', 'true', workspace, name, version,
            last_update_time
          FROM model_versions WHERE model_no = ?
          """
              .formatted(TAG_COLUMNS),
          modelNo);
    }
    update("UPDATE registered_models SET last_version = ? WHERE model_no = ?", count, modelNo);
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

  /** Lets the planner see what there is. */
  void analyze() {
    update("ANALYZE");
  }

  void update(String sql, @Nullable Object... arguments) {
    database.transaction(tx -> tx.update(sql, arguments));
  }

  private String numbers(int count) {
    return (database.dialect() == Dialect.H2 ? "SYSTEM_RANGE(1, %d)" : "GENERATE_SERIES(1, %d)")
        .formatted(count);
  }
}
