package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.Pipeline;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code registered_models}, {@code registered_model_tags} and {@code
 * registered_model_aliases}. Who changes anything of a model, its versions included, locks its row
 * first: changes of one model follow each other, and cannot deadlock.
 */
final class RegisteredModelStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      registered_models.model_no, registered_models.name, registered_models.description,
      registered_models.creation_time, registered_models.last_update_time,
      registered_models.last_version\
      """;

  static final int COLUMN_COUNT = 6;

  private final ModelVersionStore versions;

  RegisteredModelStore(ModelVersionStore versions) {
    this.versions = versions;
  }

  /**
   * Adds a model with its tags, and returns its {@code model_no}.
   *
   * @throws SQLException a constraint violation if the name is taken
   */
  long insert(Tx tx, String name, String description, Map<String, String> tags, long now)
      throws SQLException {
    long modelNo =
        tx.insert(
            """
            INSERT INTO registered_models (workspace, name, description, creation_time,
              last_update_time, last_version)
            VALUES (?, ?, ?, ?, ?, 0)
            """,
            "model_no",
            Workspace.DEFAULT,
            name,
            description,
            now,
            now);
    if (!tags.isEmpty()) {
      tx.update(
          """
          INSERT INTO registered_model_tags (model_no, key, value)
          SELECT ?, key, value FROM UNNEST(?, ?) AS added(key, value)
          """,
          modelNo,
          tags.keySet().toArray(String[]::new),
          tags.values().toArray(String[]::new));
    }
    return modelNo;
  }

  /** The model by its name, alone. */
  @Nullable RegisteredModelRow find(Tx tx, String name) throws SQLException {
    return tx.first(
        "SELECT %s FROM registered_models WHERE workspace = ? AND name = ?".formatted(COLUMNS),
        RegisteredModelStore::read,
        Workspace.DEFAULT,
        name);
  }

  /** The model by its name, alone; nobody else changes it until this transaction ends. */
  @Nullable RegisteredModelRow lock(Tx tx, String name) throws SQLException {
    return tx.first(
        "SELECT %s FROM registered_models WHERE workspace = ? AND name = ? FOR UPDATE"
            .formatted(COLUMNS),
        RegisteredModelStore::read,
        Workspace.DEFAULT,
        name);
  }

  /**
   * Takes the next version numbers of models, which nobody else changes until this transaction
   * ends, in one round trip.
   *
   * @param counts how many numbers, by name of the model
   * @param now in milliseconds since the epoch
   * @return those of the models that exist, by name; the last number is the last one taken
   */
  Map<String, RegisteredModelRow> reserve(Tx tx, SortedMap<String, Integer> counts, long now)
      throws SQLException {
    Pipeline statements = tx.pipeline();
    counts.forEach(
        (name, count) ->
            statements.update(
                """
                UPDATE registered_models
                SET last_version = last_version + ?, last_update_time = ?
                WHERE workspace = ? AND name = ?
                """,
                count,
                now,
                Workspace.DEFAULT,
                name));
    List<RegisteredModelRow> found =
        statements.query(
            "SELECT %s FROM registered_models WHERE workspace = ? AND name = ANY(?)"
                .formatted(COLUMNS),
            RegisteredModelStore::read,
            Workspace.DEFAULT,
            counts.keySet().toArray(String[]::new));
    statements.run();
    return found.stream().collect(Collectors.toMap(RegisteredModelRow::name, model -> model));
  }

  /**
   * The same models with their tags, aliases and latest versions, in four statements however many
   * they are.
   */
  List<RegisteredModelRow> complete(Tx tx, List<RegisteredModelRow> models) throws SQLException {
    if (models.isEmpty()) {
      return models;
    }
    List<Long> modelNos = models.stream().map(RegisteredModelRow::modelNo).toList();
    Map<Long, Map<String, String>> tags = tags(tx, modelNos);
    Map<Long, Map<String, Integer>> aliases = aliases(tx, modelNos);
    Map<Long, List<ModelVersionRow>> latest = versions.latest(tx, modelNos);
    return models.stream()
        .map(
            model ->
                model.with(
                    tags.getOrDefault(model.modelNo(), Map.of()),
                    aliases.getOrDefault(model.modelNo(), Map.of()),
                    latest.getOrDefault(model.modelNo(), List.of())))
        .toList();
  }

  /** The tags of models, in one statement; those without tags have no entry. */
  Map<Long, Map<String, String>> tags(Tx tx, List<Long> modelNos) throws SQLException {
    Map<Long, Map<String, String>> tags = new HashMap<>();
    tx.query(
        "SELECT model_no, key, value FROM registered_model_tags WHERE model_no = ANY(?)",
        row ->
            tags.computeIfAbsent(row.longValue(1), _ -> new TreeMap<>())
                .put(row.string(2), row.string(3)),
        (Object) modelNos.toArray(Long[]::new));
    return tags;
  }

  /** The aliases of models, in one statement; those without aliases have no entry. */
  Map<Long, Map<String, Integer>> aliases(Tx tx, List<Long> modelNos) throws SQLException {
    Map<Long, Map<String, Integer>> aliases = new HashMap<>();
    tx.query(
        "SELECT model_no, alias, version FROM registered_model_aliases WHERE model_no = ANY(?)",
        row ->
            aliases
                .computeIfAbsent(row.longValue(1), _ -> new TreeMap<>(Names.ORDER))
                .put(row.string(2), row.intValue(3)),
        (Object) modelNos.toArray(Long[]::new));
    return aliases;
  }

  void setDescription(Tx tx, long modelNo, String description, long now) throws SQLException {
    tx.update(
        "UPDATE registered_models SET description = ?, last_update_time = ? WHERE model_no = ?",
        description,
        now,
        modelNo);
  }

  /** Notes that something of the model has changed. */
  void touch(Tx tx, long modelNo, long now) throws SQLException {
    tx.update("UPDATE registered_models SET last_update_time = ? WHERE model_no = ?", now, modelNo);
  }

  /**
   * Renames a model and all its versions.
   *
   * @throws SQLException a constraint violation if the name is taken
   */
  void rename(Tx tx, long modelNo, String name, long now) throws SQLException {
    tx.update(
        "UPDATE registered_models SET name = ?, last_update_time = ? WHERE model_no = ?",
        name,
        now,
        modelNo);
    versions.rename(tx, modelNo, name, now);
  }

  /** Deletes a model with all that belongs to it. */
  void delete(Tx tx, long modelNo) throws SQLException {
    versions.deleteAll(tx, modelNo);
    tx.update("DELETE FROM registered_model_aliases WHERE model_no = ?", modelNo);
    tx.update("DELETE FROM registered_model_tags WHERE model_no = ?", modelNo);
    tx.update("DELETE FROM registered_models WHERE model_no = ?", modelNo);
  }

  @Nullable String tag(Tx tx, long modelNo, String key) throws SQLException {
    return tx.first(
        "SELECT value FROM registered_model_tags WHERE model_no = ? AND key = ?",
        row -> row.string(1),
        modelNo,
        key);
  }

  void setTag(Tx tx, long modelNo, TagRow tag) throws SQLException {
    tx.upsert(
        """
        INSERT INTO registered_model_tags (model_no, key, value) VALUES (?, ?, ?)
        ON CONFLICT (model_no, key) DO UPDATE SET value = EXCLUDED.value
        """,
        "MERGE INTO registered_model_tags (model_no, key, value) KEY (model_no, key)"
            + " VALUES (?, ?, ?)",
        modelNo,
        tag.key(),
        tag.value());
  }

  void deleteTag(Tx tx, long modelNo, String key) throws SQLException {
    tx.update("DELETE FROM registered_model_tags WHERE model_no = ? AND key = ?", modelNo, key);
  }

  /** The version that an alias names, or null if there is no such alias. */
  @Nullable Integer aliased(Tx tx, long modelNo, String alias) throws SQLException {
    return tx.first(
        "SELECT version FROM registered_model_aliases WHERE model_no = ? AND alias = ?",
        row -> row.intValue(1),
        modelNo,
        alias);
  }

  void setAlias(Tx tx, long modelNo, String alias, int version) throws SQLException {
    tx.upsert(
        """
        INSERT INTO registered_model_aliases (model_no, alias, version) VALUES (?, ?, ?)
        ON CONFLICT (model_no, alias) DO UPDATE SET version = EXCLUDED.version
        """,
        "MERGE INTO registered_model_aliases (model_no, alias, version) KEY (model_no, alias)"
            + " VALUES (?, ?, ?)",
        modelNo,
        alias,
        version);
  }

  void deleteAlias(Tx tx, long modelNo, String alias) throws SQLException {
    tx.update(
        "DELETE FROM registered_model_aliases WHERE model_no = ? AND alias = ?", modelNo, alias);
  }

  /** Deletes the aliases that name a version. */
  void deleteAliases(Tx tx, long modelNo, int version) throws SQLException {
    tx.update(
        "DELETE FROM registered_model_aliases WHERE model_no = ? AND version = ?",
        modelNo,
        version);
  }

  /** Reads {@link #COLUMNS}: a model alone. */
  static RegisteredModelRow read(Row row) throws SQLException {
    return new RegisteredModelRow(
        row.longValue(1),
        row.string(2),
        row.stringOrNull(3),
        row.longValue(4),
        row.longValue(5),
        row.intValue(6),
        Map.of(),
        Map.of(),
        List.of());
  }
}
