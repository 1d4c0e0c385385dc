package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.GroupCommit;
import dev.millrace.platform.sql.GroupCommit.Outcome;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.ModelVersionStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes new versions, those that come at the same time in one transaction: else each would wait
 * until those before it, of its model, are on the disk.
 */
final class VersionWriter implements AutoCloseable {

  /** Versions of one transaction; those that follow meanwhile make the next one. */
  private static final int MAX_SIZE = 500;

  private final Database database;
  private final ModelVersionStore store;
  private final RegisteredModelStore models;
  private final Changes changes;
  private final GroupCommit<NewVersion, ModelVersionRow> group;

  VersionWriter(
      Database database, ModelVersionStore store, RegisteredModelStore models, Changes changes) {
    this.database = database;
    this.store = store;
    this.models = models;
    this.changes = changes;
    this.group = new GroupCommit<>("version-writer", _ -> 1, MAX_SIZE, this::write);
  }

  /**
   * Gives a version the next number of its model, and stores it.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such model; RESOURCE_EXHAUSTED
   *     if too many wait already
   */
  ModelVersionRow write(NewVersion version) {
    return group.write(version);
  }

  /** Stops; no caller may be waiting any more. */
  @Override
  public void close() {
    group.close();
  }

  private List<Outcome<ModelVersionRow>> write(List<NewVersion> versions) {
    return database.transaction(tx -> write(tx, versions));
  }

  private List<Outcome<ModelVersionRow>> write(Tx tx, List<NewVersion> versions)
      throws SQLException {
    long now = System.currentTimeMillis();
    // In their order, so that two transactions cannot wait for each other.
    TreeMap<String, Integer> counts = new TreeMap<>();
    versions.forEach(version -> counts.merge(version.name(), 1, Integer::sum));
    Map<String, RegisteredModelRow> found = models.reserve(tx, counts, now);
    Map<String, Integer> numbers = new HashMap<>();
    found.forEach(
        (name, model) -> numbers.put(name, model.lastVersion() - counts.getOrDefault(name, 0)));
    List<Outcome<ModelVersionRow>> outcomes = new ArrayList<>();
    List<ModelVersionRow> rows = new ArrayList<>();
    List<Changes.Made> made = new ArrayList<>();
    for (NewVersion version : versions) {
      try {
        RegisteredModelRow model =
            RegisteredModels.require(found.get(version.name()), version.name());
        int number = numbers.merge(version.name(), 1, Integer::sum);
        ModelVersionRow row = row(version, model, number, now);
        rows.add(row);
        made.add(new Changes.Made(model.modelNo(), version.user(), created(version, number)));
        outcomes.add(new Outcome.Written<>(row));
      } catch (MillraceException refusal) {
        outcomes.add(new Outcome.Refused<>(refusal));
      }
    }
    if (!rows.isEmpty()) {
      store.insertAll(tx, rows);
      changes.recordAll(tx, now, made);
    }
    return outcomes;
  }

  private static ModelVersionRow row(
      NewVersion version, RegisteredModelRow model, int number, long now) {
    return new ModelVersionRow(
        0,
        model.modelNo(),
        version.name(),
        number,
        now,
        now,
        version.description(),
        Stage.NONE,
        version.source(),
        version.location(),
        version.runId(),
        version.runLink(),
        ModelVersionStatus.READY.name(),
        null,
        version.tags(),
        List.of());
  }

  private static Change created(NewVersion version, int number) {
    return new Change.VersionCreated(
        version.name(),
        number,
        version.source(),
        nullIfEmpty(version.runId()),
        version.tags(),
        nullIfEmpty(version.description()),
        version.isPrompt());
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
