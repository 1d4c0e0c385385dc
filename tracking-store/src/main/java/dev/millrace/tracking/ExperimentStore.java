package dev.millrace.tracking;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables {@code experiments} and {@code experiment_tags}. */
final class ExperimentStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      experiments.experiment_id, experiments.name, experiments.artifact_location,
      experiments.lifecycle_stage, experiments.creation_time, experiments.last_update_time\
      """;

  static final int COLUMN_COUNT = 6;

  /** Adds experiment 0 unless it, or its name, is there. */
  void insertDefault(Tx tx, String artifactLocation, long now) throws SQLException {
    tx.update(
        """
        INSERT INTO experiments (experiment_id, workspace, name, artifact_location, lifecycle_stage,
          creation_time, last_update_time)
        VALUES (0, ?, 'Default', ?, 'active', ?, ?)
        ON CONFLICT DO NOTHING
        """,
        Workspace.DEFAULT,
        artifactLocation,
        now,
        now);
  }

  /**
   * Adds an experiment and returns its id.
   *
   * @throws SQLException a constraint violation if the name is taken
   */
  long insert(Tx tx, String name, String artifactLocation, long now) throws SQLException {
    return tx.insert(
        """
        INSERT INTO experiments (workspace, name, artifact_location, lifecycle_stage, creation_time,
          last_update_time)
        VALUES (?, ?, ?, 'active', ?, ?)
        """,
        "experiment_id",
        Workspace.DEFAULT,
        name,
        artifactLocation,
        now,
        now);
  }

  void setArtifactLocation(Tx tx, long experimentId, String artifactLocation) throws SQLException {
    tx.update(
        "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
        artifactLocation,
        experimentId);
  }

  void rename(Tx tx, long experimentId, String name, long now) throws SQLException {
    tx.update(
        "UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?",
        name,
        now,
        experimentId);
  }

  /**
   * Moves an experiment from one stage to the other.
   *
   * @return false if there is no such experiment in the stage {@code from}
   */
  boolean move(Tx tx, long experimentId, LifecycleStage from, LifecycleStage to, long now)
      throws SQLException {
    return tx.update(
            """
            UPDATE experiments SET lifecycle_stage = ?, last_update_time = ?
            WHERE experiment_id = ? AND lifecycle_stage = ?
            """,
            to.text(),
            now,
            experimentId,
            from.text())
        > 0;
  }

  void setTag(Tx tx, long experimentId, String key, String value) throws SQLException {
    tx.upsert(
        """
        INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)
        ON CONFLICT (experiment_id, key) DO UPDATE SET value = EXCLUDED.value
        """,
        "MERGE INTO experiment_tags (experiment_id, key, value) KEY (experiment_id, key)"
            + " VALUES (?, ?, ?)",
        experimentId,
        key,
        value);
  }

  /** Deletes a tag, and tells whether there was one. */
  boolean deleteTag(Tx tx, long experimentId, String key) throws SQLException {
    return tx.update(
            "DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?", experimentId, key)
        > 0;
  }

  void insertTags(Tx tx, long experimentId, Map<String, String> tags) throws SQLException {
    tx.update(
        """
        INSERT INTO experiment_tags (experiment_id, key, value)
        SELECT ?, key, value FROM UNNEST(?, ?) AS added(key, value)
        """,
        experimentId,
        tags.keySet().toArray(String[]::new),
        tags.values().toArray(String[]::new));
  }

  /** The experiment without its tags. */
  @Nullable ExperimentRow find(Tx tx, long experimentId) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM experiments WHERE experiment_id = ?",
        row -> read(row, Map.of()),
        experimentId);
  }

  /**
   * The experiment without its tags, of which this transaction decides something: its life-cycle
   * stage stays as it is until the transaction ends.
   */
  @Nullable ExperimentRow findToKeep(Tx tx, long experimentId) throws SQLException {
    return tx.first(
        "SELECT %s FROM experiments WHERE experiment_id = ? %s"
            .formatted(COLUMNS, tx.dialect().keep()),
        row -> read(row, Map.of()),
        experimentId);
  }

  /** The experiment without its tags. */
  @Nullable ExperimentRow findByName(Tx tx, String name) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM experiments WHERE workspace = ? AND name = ?",
        row -> read(row, Map.of()),
        Workspace.DEFAULT,
        name);
  }

  /** The tags of experiments, in one statement; those without tags have no entry. */
  Map<Long, Map<String, String>> tags(Tx tx, List<Long> experimentIds) throws SQLException {
    Map<Long, Map<String, String>> tags = new HashMap<>();
    tx.query(
        "SELECT experiment_id, key, value FROM experiment_tags WHERE experiment_id = ANY(?)",
        row ->
            tags.computeIfAbsent(row.longValue(1), _ -> new TreeMap<>())
                .put(row.string(2), row.string(3)),
        (Object) experimentIds.toArray(Long[]::new));
    return tags;
  }

  /** The same experiments with their tags, in one statement. */
  List<ExperimentRow> withTags(Tx tx, List<ExperimentRow> experiments) throws SQLException {
    Map<Long, Map<String, String>> tags =
        tags(tx, experiments.stream().map(ExperimentRow::experimentId).toList());
    return experiments.stream()
        .map(row -> row.with(tags.getOrDefault(row.experimentId(), Map.of())))
        .toList();
  }

  /** Those of {@code experimentIds} that there are, each once. */
  List<Long> existing(Tx tx, List<Long> experimentIds) throws SQLException {
    return tx.query(
        """
        SELECT experiment_id FROM experiments WHERE experiment_id = ANY(?) AND workspace = ?
        ORDER BY experiment_id
        """,
        row -> row.longValue(1),
        experimentIds.toArray(Long[]::new),
        Workspace.DEFAULT);
  }

  /** Reads {@link #COLUMNS}. */
  static ExperimentRow read(Row row, Map<String, String> tags) throws SQLException {
    return new ExperimentRow(
        row.longValue(1),
        row.string(2),
        row.string(3),
        LifecycleStage.of(row.string(4)),
        row.longValue(5),
        row.longValue(6),
        tags);
  }
}
