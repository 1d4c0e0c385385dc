package dev.millrace.registry;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.platform.sql.Tx;
import dev.millrace.registry.ChangeRow.FieldRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The history of the registry: every change, written in the transaction that makes it, with what
 * webhooks have to be told about it.
 */
final class Changes {

  private static final int MAX_RESULTS = 1000;
  private static final int DEFAULT_RESULTS = 100;

  private final Database database;
  private final ChangeStore store;
  private final Deliveries deliveries;

  Changes(Database database, ChangeStore store, Deliveries deliveries) {
    this.database = database;
    this.store = store;
    this.deliveries = deliveries;
  }

  /**
   * Keeps a change, by the current caller, in two statements at most.
   *
   * @param modelNo the model it happened to
   * @param time when, in milliseconds since the epoch
   */
  void record(Tx tx, long modelNo, long time, Change change) throws SQLException {
    store.insert(tx, modelNo, row(time, Caller.current().user(), change));
    deliveries.add(tx, time, change);
  }

  /**
   * A change that was made.
   *
   * @param modelNo the model it happened to
   * @param user who made it; null if unknown
   */
  record Made(long modelNo, @Nullable String user, Change change) {}

  /**
   * Keeps changes that were made together, in two statements and what webhooks need.
   *
   * @param time when, in milliseconds since the epoch
   */
  void recordAll(Tx tx, long time, List<Made> all) throws SQLException {
    store.insertAll(
        tx,
        all.stream().map(Made::modelNo).toList(),
        all.stream().map(made -> row(time, made.user, made.change)).toList());
    deliveries.addAll(tx, time, all.stream().map(Made::change).toList());
  }

  /**
   * A page of what happened, the newest first.
   *
   * @param name every model that has ever had it, under each of its names; empty for all models
   * @param version empty for all changes of the model
   * @param maxResults 1 to 1,000; null for 100
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Page<ChangeRow> list(String name, String version, @Nullable Long maxResults, String pageToken) {
    int size = size(maxResults);
    Integer number = version.isEmpty() ? null : number(version);
    if (number != null && name.isEmpty()) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'version' supplied: it needs the parameter 'name'.");
    }
    PageQuery query = ChangeStore.query(name.isEmpty() ? null : name, number);
    String fingerprint = PageToken.fingerprint(List.of("changes", name, version));
    PageQuery.Place start =
        pageToken.isEmpty() ? null : query.place(PageToken.decode(pageToken), fingerprint);
    return database.read(
        tx -> {
          PageQuery.Page<ChangeRow> page = query.read(tx, start, size, ChangeStore::read);
          return new Page<>(
              page.rows(), page.next() == null ? null : page.next().token(fingerprint));
        });
  }

  private static ChangeRow row(long time, @Nullable String user, Change change) {
    return new ChangeRow(
        0, time, user, action(change), change.name(), change.version(), fields(change));
  }

  private static int size(@Nullable Long maxResults) {
    if (maxResults == null) {
      return DEFAULT_RESULTS;
    }
    if (maxResults < 1 || maxResults > MAX_RESULTS) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'max_results' supplied: it must be from 1 to %d."
              .formatted(maxResults, MAX_RESULTS));
    }
    return maxResults.intValue();
  }

  private static int number(String version) {
    try {
      return Integer.parseInt(version);
    } catch (NumberFormatException e) {
      throw MillraceException.invalidParameter(
          "Invalid value '%s' for parameter 'version' supplied: it must be an integer."
              .formatted(version));
    }
  }

  private static String action(Change change) {
    return switch (change) {
      case Change.ModelCreated _ -> "MODEL_CREATED";
      case Change.ModelUpdated _ -> "MODEL_UPDATED";
      case Change.ModelRenamed _ -> "MODEL_RENAMED";
      case Change.ModelDeleted _ -> "MODEL_DELETED";
      case Change.ModelTagSet _ -> "MODEL_TAG_SET";
      case Change.ModelTagDeleted _ -> "MODEL_TAG_DELETED";
      case Change.AliasSet _ -> "ALIAS_SET";
      case Change.AliasDeleted _ -> "ALIAS_DELETED";
      case Change.VersionCreated _ -> "VERSION_CREATED";
      case Change.VersionUpdated _ -> "VERSION_UPDATED";
      case Change.StageChanged _ -> "VERSION_STAGE_CHANGED";
      case Change.VersionDeleted _ -> "VERSION_DELETED";
      case Change.VersionTagSet _ -> "VERSION_TAG_SET";
      case Change.VersionTagDeleted _ -> "VERSION_TAG_DELETED";
    };
  }

  private static List<FieldRow> fields(Change change) {
    return switch (change) {
      case Change.ModelCreated(_, var tags, var description) -> created(description, tags);
      case Change.ModelUpdated(_, var before, var after) -> field("description", before, after);
      case Change.ModelRenamed(var name, var newName) -> field("name", name, newName);
      case Change.ModelDeleted _, Change.VersionDeleted _ -> List.of();
      case Change.ModelTagSet(_, var key, var before, var after, _) -> tag(key, before, after);
      case Change.ModelTagDeleted(_, var key, var before, _) -> tag(key, before, null);
      case Change.AliasSet(_, var alias, var before, var after, _) -> alias(alias, before, after);
      case Change.AliasDeleted(_, var alias, var before, _) -> alias(alias, before, null);
      case Change.VersionCreated(_, _, var source, var runId, var tags, var description, _) -> {
        List<FieldRow> fields = new ArrayList<>();
        fields.add(new FieldRow("source", null, source));
        if (runId != null) {
          fields.add(new FieldRow("run_id", null, runId));
        }
        fields.addAll(created(description, tags));
        yield fields;
      }
      case Change.VersionUpdated(_, _, var before, var after) ->
          field("description", before, after);
      case Change.StageChanged(_, _, var before, var after) -> field("stage", before, after);
      case Change.VersionTagSet(_, _, var key, var before, var after, _) -> tag(key, before, after);
      case Change.VersionTagDeleted(_, _, var key, var before, _) -> tag(key, before, null);
    };
  }

  private static List<FieldRow> created(@Nullable String description, Map<String, String> tags) {
    List<FieldRow> fields = new ArrayList<>();
    if (description != null && !description.isEmpty()) {
      fields.add(new FieldRow("description", null, description));
    }
    new TreeMap<>(tags).forEach((key, value) -> fields.addAll(tag(key, null, value)));
    return fields;
  }

  private static List<FieldRow> tag(String key, @Nullable String before, @Nullable String after) {
    return field("tag." + key, before, after);
  }

  private static List<FieldRow> alias(
      String alias, @Nullable Integer before, @Nullable Integer after) {
    return field(
        "alias." + alias,
        before == null ? null : before.toString(),
        after == null ? null : after.toString());
  }

  private static List<FieldRow> field(
      String field, @Nullable String before, @Nullable String after) {
    return List.of(new FieldRow(field, before, after));
  }
}
