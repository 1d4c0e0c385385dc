package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.Pipeline;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code model_versions} and {@code model_version_tags}. Who changes a version has
 * locked its model.
 */
final class ModelVersionStore {

  /** The columns that {@link #read} reads, in its order. */
  static final String COLUMNS =
      """
      model_versions.version_no, model_versions.model_no, model_versions.name,
      model_versions.version, model_versions.creation_time, model_versions.last_update_time,
      model_versions.description, model_versions.current_stage, model_versions.source,
      model_versions.storage_location, model_versions.run_id, model_versions.run_link,
      model_versions.status, model_versions.status_message\
      """;

  static final int COLUMN_COUNT = 14;

  /**
   * Takes the numbers of models. Written for two planners: H2 walks an index backwards only for an
   * order by all of its columns, and PostgreSQL, which would rather read the whole table than look
   * for a thousand of its rows, does not if they are asked for by ranges.
   */
  static final String LATEST =
      """
      SELECT %s
      FROM (
        SELECT (
          SELECT highest.version_no FROM model_versions AS highest
          WHERE highest.model_no = wanted.model_no
            AND highest.current_stage = stages.current_stage
          ORDER BY highest.model_no DESC, highest.current_stage DESC, highest.version DESC
          LIMIT 1
        ) AS version_no
        FROM UNNEST(?) AS wanted(model_no)
        CROSS JOIN (VALUES ('None'), ('Staging'), ('Production'), ('Archived'))
          AS stages(current_stage)
        OFFSET 0
      ) AS latest
      JOIN model_versions
        ON model_versions.version_no BETWEEN latest.version_no AND latest.version_no
      """
          .formatted(COLUMNS);

  private static final String JOIN_ALIASES =
      """
      JOIN registered_model_aliases AS aliases ON aliases.model_no = model_versions.model_no
        AND aliases.version = model_versions.version
      """;

  /** What is read of a version: what to select, and how a row of it is read. */
  record Extent(String select, Row.Mapper<ModelVersionRow> mapper) {

    /** Its row, without tags and aliases. */
    static final Extent ROW = of("", ModelVersionStore::read);

    /** Its tags and aliases as well, as one statement sees them. */
    static final Extent COMPLETE =
        of(
            """
            ,
            ARRAY(SELECT tag.key FROM model_version_tags AS tag
              WHERE tag.version_no = model_versions.version_no ORDER BY tag.key),
            ARRAY(SELECT tag.value FROM model_version_tags AS tag
              WHERE tag.version_no = model_versions.version_no ORDER BY tag.key),
            ARRAY(SELECT of.alias FROM registered_model_aliases AS of
              WHERE of.model_no = model_versions.model_no AND of.version = model_versions.version)\
            """,
            ModelVersionStore::readComplete);

    private static Extent of(String further, Row.Mapper<ModelVersionRow> mapper) {
      return new Extent("SELECT " + COLUMNS + further + "\nFROM model_versions\n", mapper);
    }
  }

  /** Adds versions, whose row numbers are ignored, with their tags, in one round trip. */
  void insertAll(Tx tx, List<ModelVersionRow> versions) throws SQLException {
    Pipeline statements = tx.pipeline();
    statements.update(
        """
        INSERT INTO model_versions (model_no, workspace, name, version, creation_time,
          last_update_time, description, current_stage, source, storage_location, run_id,
          run_link, status, status_message, is_prompt)
        SELECT model_no, ?, name, version, creation_time, last_update_time, description,
          current_stage, source, storage_location, run_id, run_link, status, status_message,
          is_prompt
        FROM UNNEST(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          AS added(model_no, name, version, creation_time, last_update_time, description,
            current_stage, source, storage_location, run_id, run_link, status, status_message,
            is_prompt)
        """,
        Workspace.DEFAULT,
        column(versions, ModelVersionRow::modelNo, Long[]::new),
        column(versions, ModelVersionRow::name, String[]::new),
        column(versions, ModelVersionRow::version, Integer[]::new),
        column(versions, ModelVersionRow::creationTime, Long[]::new),
        column(versions, ModelVersionRow::lastUpdateTime, Long[]::new),
        column(versions, ModelVersionRow::description, String[]::new),
        column(versions, version -> version.stage().text(), String[]::new),
        column(versions, ModelVersionRow::source, String[]::new),
        column(versions, ModelVersionRow::storageLocation, String[]::new),
        column(versions, ModelVersionRow::runId, String[]::new),
        column(versions, ModelVersionRow::runLink, String[]::new),
        column(versions, ModelVersionRow::status, String[]::new),
        column(versions, ModelVersionRow::statusMessage, String[]::new),
        column(
            versions,
            version -> PromptFilter.TRUE.equals(version.tags().get(Prompts.IS_PROMPT)),
            Boolean[]::new));
    List<NewTag> tags = new ArrayList<>();
    for (ModelVersionRow version : versions) {
      version.tags().forEach((key, value) -> tags.add(new NewTag(version, key, value)));
    }
    if (!tags.isEmpty()) {
      statements.update(
          """
          INSERT INTO model_version_tags (version_no, key, value, model_no, workspace, version,
            last_update_time)
          SELECT of.version_no, added.key, added.value, of.model_no, of.workspace, of.version,
            of.last_update_time
          FROM UNNEST(?, ?, ?, ?) AS added(model_no, version, key, value)
            JOIN model_versions AS of
            ON of.model_no = added.model_no AND of.version = added.version
          """,
          column(tags, tag -> tag.version.modelNo(), Long[]::new),
          column(tags, tag -> tag.version.version(), Integer[]::new),
          column(tags, NewTag::key, String[]::new),
          column(tags, NewTag::value, String[]::new));
    }
    statements.run();
  }

  private record NewTag(ModelVersionRow version, String key, String value) {}

  /** What a row has in a column. */
  @FunctionalInterface
  private interface Value<T> {
    @Nullable Object of(T row);
  }

  private static <T> @Nullable Object[] column(
      List<T> rows, Value<T> value, IntFunction<@Nullable Object[]> array) {
    @Nullable Object[] column = array.apply(rows.size());
    for (int i = 0; i < column.length; i++) {
      column[i] = value.of(rows.get(i));
    }
    return column;
  }

  /** A version by its model's name. */
  @Nullable ModelVersionRow find(Tx tx, Extent extent, String name, int version)
      throws SQLException {
    return tx.first(
        extent.select
            + """
            JOIN registered_models ON registered_models.model_no = model_versions.model_no
            WHERE registered_models.workspace = ? AND registered_models.name = ?
              AND model_versions.version = ?
            """,
        extent.mapper,
        Workspace.DEFAULT,
        name,
        version);
  }

  /** A version by its model. */
  @Nullable ModelVersionRow find(Tx tx, Extent extent, long modelNo, int version)
      throws SQLException {
    return tx.first(
        extent.select + "WHERE model_versions.model_no = ? AND model_versions.version = ?",
        extent.mapper,
        modelNo,
        version);
  }

  /** The version that an alias names. */
  @Nullable ModelVersionRow findByAlias(Tx tx, Extent extent, long modelNo, String alias)
      throws SQLException {
    return tx.first(
        extent.select + JOIN_ALIASES + "WHERE aliases.model_no = ? AND aliases.alias = ?",
        extent.mapper,
        modelNo,
        alias);
  }

  /** The version that an alias names, by its model's name. */
  @Nullable ModelVersionRow findByAlias(Tx tx, Extent extent, String name, String alias)
      throws SQLException {
    return tx.first(
        extent.select
            + JOIN_ALIASES
            + """
            JOIN registered_models ON registered_models.model_no = aliases.model_no
            WHERE registered_models.workspace = ? AND registered_models.name = ?
              AND aliases.alias = ?
            """,
        extent.mapper,
        Workspace.DEFAULT,
        name,
        alias);
  }

  /**
   * The highest version of each stage of models, each with its tags, by version; models without
   * versions have no entry. Two statements, each a few looks into an index for each model, however
   * many versions it has.
   */
  Map<Long, List<ModelVersionRow>> latest(Tx tx, List<Long> modelNos) throws SQLException {
    List<ModelVersionRow> found =
        tx.query(LATEST, ModelVersionStore::read, (Object) modelNos.toArray(Long[]::new));
    Map<Long, List<ModelVersionRow>> latest = new HashMap<>();
    withTags(tx, found)
        .forEach(row -> latest.computeIfAbsent(row.modelNo(), _ -> new ArrayList<>()).add(row));
    latest.values().forEach(rows -> rows.sort((a, b) -> Integer.compare(a.version(), b.version())));
    return latest;
  }

  /** The same versions with their tags, in one statement. */
  List<ModelVersionRow> withTags(Tx tx, List<ModelVersionRow> versions) throws SQLException {
    if (versions.isEmpty()) {
      return versions;
    }
    Map<Long, Map<String, String>> tags = new HashMap<>();
    tx.query(
        "SELECT version_no, key, value FROM model_version_tags WHERE version_no = ANY(?)",
        row ->
            tags.computeIfAbsent(row.longValue(1), _ -> new TreeMap<>())
                .put(row.string(2), row.string(3)),
        (Object) versions.stream().map(ModelVersionRow::versionNo).toArray(Long[]::new));
    return versions.stream()
        .map(version -> version.withTags(tags.getOrDefault(version.versionNo(), Map.of())))
        .toList();
  }

  /** By what aliases find a version. */
  private record Place(long modelNo, int version) {}

  /** The same versions with their aliases, in one statement. */
  List<ModelVersionRow> withAliases(Tx tx, List<ModelVersionRow> versions) throws SQLException {
    if (versions.isEmpty()) {
      return versions;
    }
    Map<Place, List<String>> aliases = new HashMap<>();
    tx.query(
        """
        SELECT aliases.model_no, aliases.version, aliases.alias
        FROM UNNEST(?, ?) AS wanted(model_no, version)
        JOIN registered_model_aliases AS aliases ON aliases.model_no = wanted.model_no
          AND aliases.version = wanted.version
        """,
        row ->
            aliases
                .computeIfAbsent(
                    new Place(row.longValue(1), row.intValue(2)), _ -> new ArrayList<>())
                .add(row.string(3)),
        versions.stream().map(ModelVersionRow::modelNo).toArray(Long[]::new),
        versions.stream().map(ModelVersionRow::version).toArray(Integer[]::new));
    return versions.stream()
        .map(
            version ->
                version.withAliases(
                    aliases
                        .getOrDefault(new Place(version.modelNo(), version.version()), List.of())
                        .stream()
                        .sorted(Names.ORDER)
                        .toList()))
        .toList();
  }

  void setDescription(Tx tx, long versionNo, @Nullable String description, long now)
      throws SQLException {
    tx.update(
        "UPDATE model_versions SET description = ?, last_update_time = ? WHERE version_no = ?",
        description,
        now,
        versionNo);
    touchTags(tx, versionNo, now);
  }

  void setStage(Tx tx, long versionNo, Stage stage, long now) throws SQLException {
    tx.update(
        "UPDATE model_versions SET current_stage = ?, last_update_time = ? WHERE version_no = ?",
        stage.text(),
        now,
        versionNo);
    touchTags(tx, versionNo, now);
  }

  private static void touchTags(Tx tx, long versionNo, long now) throws SQLException {
    tx.update(
        "UPDATE model_version_tags SET last_update_time = ? WHERE version_no = ?", now, versionNo);
  }

  /** The numbers of a model's versions that are in {@code stage}, in order. */
  List<Integer> versionsIn(Tx tx, long modelNo, Stage stage) throws SQLException {
    return tx.query(
        """
        SELECT version FROM model_versions WHERE model_no = ? AND current_stage = ?
        ORDER BY version
        """,
        row -> row.intValue(1),
        modelNo,
        stage.text());
  }

  /** Moves all versions of a model that are in one stage to another, but for one version. */
  void moveOthers(Tx tx, long modelNo, int butFor, Stage from, Stage to, long now)
      throws SQLException {
    tx.update(
        """
        UPDATE model_version_tags SET last_update_time = ?
        WHERE version_no IN (SELECT version_no FROM model_versions
          WHERE model_no = ? AND current_stage = ? AND version <> ?)
        """,
        now,
        modelNo,
        from.text(),
        butFor);
    tx.update(
        """
        UPDATE model_versions SET current_stage = ?, last_update_time = ?
        WHERE model_no = ? AND current_stage = ? AND version <> ?
        """,
        to.text(),
        now,
        modelNo,
        from.text(),
        butFor);
  }

  /** Tells all versions of a model its new name. */
  void rename(Tx tx, long modelNo, String name, long now) throws SQLException {
    tx.update(
        "UPDATE model_versions SET name = ?, last_update_time = ? WHERE model_no = ?",
        name,
        now,
        modelNo);
    tx.update(
        "UPDATE model_version_tags SET last_update_time = ? WHERE model_no = ?", now, modelNo);
  }

  /** Deletes a version and its tags. */
  void delete(Tx tx, long versionNo) throws SQLException {
    tx.update("DELETE FROM model_version_tags WHERE version_no = ?", versionNo);
    tx.update("DELETE FROM model_versions WHERE version_no = ?", versionNo);
  }

  /** Deletes all versions of a model and their tags. */
  void deleteAll(Tx tx, long modelNo) throws SQLException {
    tx.update("DELETE FROM model_version_tags WHERE model_no = ?", modelNo);
    tx.update("DELETE FROM model_versions WHERE model_no = ?", modelNo);
  }

  @Nullable String tag(Tx tx, long versionNo, String key) throws SQLException {
    return tx.first(
        "SELECT value FROM model_version_tags WHERE version_no = ? AND key = ?",
        row -> row.string(1),
        versionNo,
        key);
  }

  void setTag(Tx tx, long versionNo, TagRow tag) throws SQLException {
    tx.upsert(
        """
        INSERT INTO model_version_tags (version_no, key, value, model_no, workspace, version,
          last_update_time)
        SELECT version_no, CAST(? AS VARCHAR), CAST(? AS VARCHAR), model_no, workspace, version,
          last_update_time
        FROM model_versions WHERE version_no = ?
        ON CONFLICT (version_no, key) DO UPDATE SET value = EXCLUDED.value
        """,
        """
        MERGE INTO model_version_tags (key, value, version_no, model_no, workspace, version,
          last_update_time)
        KEY (version_no, key)
        SELECT CAST(? AS VARCHAR), CAST(? AS VARCHAR), version_no, model_no, workspace, version,
          last_update_time
        FROM model_versions WHERE version_no = ?
        """,
        tag.key(),
        tag.value(),
        versionNo);
    notePrompt(tx, versionNo, tag.key());
  }

  void deleteTag(Tx tx, long versionNo, String key) throws SQLException {
    tx.update("DELETE FROM model_version_tags WHERE version_no = ? AND key = ?", versionNo, key);
    notePrompt(tx, versionNo, key);
  }

  /** Notes whether a version is a prompt's, once its tag {@code key} has changed. */
  private static void notePrompt(Tx tx, long versionNo, String key) throws SQLException {
    if (key.equals(Prompts.IS_PROMPT)) {
      tx.update(
          """
          UPDATE model_versions SET is_prompt = EXISTS (SELECT 1 FROM model_version_tags AS tag
            WHERE tag.version_no = model_versions.version_no AND tag.key = ? AND tag.value = ?)
          WHERE version_no = ?
          """,
          key,
          PromptFilter.TRUE,
          versionNo);
    }
  }

  private static ModelVersionRow readComplete(Row row) throws SQLException {
    List<String> keys = row.strings(COLUMN_COUNT + 1);
    List<String> values = row.strings(COLUMN_COUNT + 2);
    Map<String, String> tags = new TreeMap<>();
    for (int i = 0; i < keys.size(); i++) {
      tags.put(keys.get(i), values.get(i));
    }
    List<String> aliases = row.strings(COLUMN_COUNT + 3);
    aliases.sort(Names.ORDER);
    return read(row).withTags(tags).withAliases(aliases);
  }

  /** Reads {@link #COLUMNS}: a version without tags and aliases. */
  static ModelVersionRow read(Row row) throws SQLException {
    return new ModelVersionRow(
        row.longValue(1),
        row.longValue(2),
        row.string(3),
        row.intValue(4),
        row.longValue(5),
        row.longValue(6),
        row.stringOrNull(7),
        Stage.of(row.string(8)),
        row.string(9),
        row.string(10),
        row.stringOrNull(11),
        row.stringOrNull(12),
        row.string(13),
        row.stringOrNull(14),
        Map.of(),
        List.of());
  }
}
