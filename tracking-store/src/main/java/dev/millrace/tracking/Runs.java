package dev.millrace.tracking;

import dev.millrace.platform.check.KeyName;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.ViewType;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules of runs. */
final class Runs {

  /** The tag that repeats a run's name. */
  static final String NAME_TAG = "mlflow.runName";

  private static final Limit NAME = new Limit("run_name", Limit.TEXT);
  private static final Limit USER_ID = new Limit("user_id", Limit.TEXT);

  // The line feed at the end is a quirk of MLflow's pattern.
  private static final Pattern ID =
      Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}\n?", Pattern.UNICODE_CHARACTER_CLASS);

  private final Database database;
  private final Keys keys;
  private final RunStore store;
  private final ExperimentStore experiments;

  Runs(Database database, Keys keys, RunStore store, ExperimentStore experiments) {
    this.database = database;
    this.keys = keys;
    this.store = store;
    this.experiments = experiments;
  }

  /**
   * Creates a run, with a random name if it gets none.
   *
   * @param startTime in milliseconds since the epoch
   * @param name empty for that of the tag {@code mlflow.runName}, or a random one
   * @param given tags, of which only the length is checked
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such experiment;
   *     INVALID_PARAMETER_VALUE if it is deleted, name and tag differ or a text is too long;
   *     BAD_REQUEST if the experiment is not named or a tag comes twice
   */
  RunContent create(
      String experimentId, String userId, long startTime, String name, List<PairRow> given) {
    if (experimentId.isEmpty()) {
      // Not INVALID_PARAMETER_VALUE: MLflow finds out by a broken constraint of its database.
      throw badRequest("Missing value for required parameter 'experiment_id'.");
    }
    long experiment = Experiments.parseId(experimentId);
    NAME.check(name);
    USER_ID.check(userId);
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 0; i < given.size(); i++) {
      PairRow tag = given.get(i);
      new Limit("tags[" + i + "].key", KeyName.MAX_CHARACTERS).check(tag.key());
      new Limit("tags[" + i + "].value", Limit.TEXT).check(tag.value());
      if (tags.put(tag.key(), tag.value()) != null) {
        throw badRequest("The tag '%s' comes twice".formatted(tag.key()));
      }
    }
    String tagged = tags.getOrDefault(NAME_TAG, name);
    if (!name.isEmpty() && !tagged.isEmpty() && !name.equals(tagged)) {
      throw MillraceException.invalidParameter(
          ("Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different"
                  + " values (run_name='%s', mlflow.runName='%s').")
              .formatted(name, tagged));
    }
    if (tagged.isEmpty() && tags.containsKey(NAME_TAG)) {
      throw badRequest("The tag '%s' must not be empty".formatted(NAME_TAG));
    }
    String runName = tagged.isEmpty() ? RunNames.random() : tagged;
    tags.put(NAME_TAG, runName);
    Map<String, Integer> keyIds = keys.ensure(tags.keySet());
    Map<Integer, String> values = new HashMap<>();
    tags.forEach((key, value) -> values.put(keyIds.get(key), value));
    String runId = UUID.randomUUID().toString().replace("-", "");
    RunContent content =
        database.transaction(
            tx -> {
              ExperimentRow parent =
                  Experiments.requireActive(experiments.findToKeep(tx, experiment), experiment);
              RunRow run =
                  new RunRow(
                      0,
                      runId,
                      experiment,
                      runName,
                      userId,
                      RunStatus.RUNNING.name(),
                      startTime,
                      null,
                      LifecycleStage.ACTIVE,
                      ArtifactUri.append(parent.artifactLocation(), runId + "/artifacts"));
              store.insert(tx, run, values);
              return new RunContent(run);
            });
    tags.forEach((key, value) -> content.tags().add(new PairRow(key, value)));
    return content;
  }

  /**
   * A run with everything that was logged to it.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  RunContent get(String runId) {
    RunContent content = database.<@Nullable RunContent>read(tx -> store.content(tx, runId));
    if (content == null) {
      throw notFound(runId);
    }
    return content;
  }

  /**
   * A run without what was logged to it.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  RunRow getInfo(String runId) {
    return database.read(tx -> require(store.find(tx, runId), runId));
  }

  /**
   * Changes a run.
   *
   * @param status the name of a {@code RunStatus}, or null to keep it
   * @param endTime in milliseconds since the epoch, or null to keep it
   * @param name empty to keep it
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE if the run is
   *     deleted
   */
  RunRow update(String runId, @Nullable String status, @Nullable Long endTime, String name) {
    NAME.check(name);
    int nameKey = Objects.requireNonNull(keys.ensure(List.of(NAME_TAG)).get(NAME_TAG));
    return database.transaction(
        tx -> {
          RunRow old = requireActive(store.lock(tx, runId), runId);
          RunRow run =
              new RunRow(
                  old.runNo(),
                  runId,
                  old.experimentId(),
                  name.isEmpty() ? old.name() : name,
                  old.userId(),
                  status == null ? old.status() : status,
                  old.startTime(),
                  endTime == null ? old.endTime() : endTime,
                  old.lifecycleStage(),
                  old.artifactUri());
          store.update(tx, run);
          if (!name.isEmpty()) {
            store.setTag(tx, run, nameKey, name);
          }
          return run;
        });
  }

  /**
   * Moves a run to the bin, also one that is there.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void delete(String runId) {
    move(runId, LifecycleStage.DELETED);
  }

  /**
   * Takes a run out of the bin, also one that is not there.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void restore(String runId) {
    move(runId, LifecycleStage.ACTIVE);
  }

  private void move(String runId, LifecycleStage to) {
    if (!database.transaction(tx -> store.move(tx, runId, to, System.currentTimeMillis()))) {
      throw notFound(runId);
    }
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such run or tag;
   *     INVALID_PARAMETER_VALUE if the run is deleted
   */
  void deleteTag(String runId, String key) {
    database.change(
        tx -> {
          RunRow run = requireActive(store.find(tx, runId), runId);
          if (!store.deleteTag(tx, run.runNo(), key)) {
            throw MillraceException.notFound(
                "No tag with name: %s in run with id %s".formatted(key, runId));
          }
        });
  }

  /**
   * A page of the runs that fulfil a filter, in parts: the last has the token.
   *
   * @param maxResults 1 to {@value Searches#MAX_RESULTS}
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Iterator<Page<RunContent>> search(
      List<String> experimentIds,
      String filter,
      ViewType view,
      int maxResults,
      List<String> orderBy,
      String pageToken) {
    Searches.checkMaxResults(maxResults);
    RunQuery query = RunQuery.parse(filter, orderBy);
    Map<String, @Nullable Object> token = pageToken.isEmpty() ? null : PageToken.decode(pageToken);
    List<Long> ids = Searches.experimentIds(experimentIds);
    String fingerprint = Searches.fingerprint(ids, filter, view, orderBy);
    return database.read(
        tx -> {
          List<Long> existing = experiments.existing(tx, ids);
          if (existing.isEmpty()) {
            return List.of(new Page<RunContent>(List.of(), null)).iterator();
          }
          RunSearch search =
              RunSearch.of(
                  query,
                  tx.dialect(),
                  keys.find(tx, RunSearch.keys(query)),
                  existing,
                  Searches.stage(view));
          PageQuery sql = search.sql(search.few(tx));
          PageQuery.Place start = token == null ? null : sql.place(token, fingerprint);
          return new RunParts(database, store, sql, start, maxResults, fingerprint);
        });
  }

  private static RunRow require(@Nullable RunRow run, String runId) {
    if (run == null) {
      throw notFound(runId);
    }
    return run;
  }

  private static MillraceException notFound(String runId) {
    return MillraceException.notFound("Run with id=%s not found".formatted(runId));
  }

  private static MillraceException badRequest(String message) {
    return new MillraceException(ErrorCode.BAD_REQUEST, message);
  }

  /** Refuses a change of what is in a deleted run, or of none. */
  static RunRow requireActive(@Nullable RunRow found, String runId) {
    RunRow run = require(found, runId);
    if (run.lifecycleStage() != LifecycleStage.ACTIVE) {
      throw MillraceException.invalidParameter(
          "The run %s must be in the 'active' state. Current state is %s."
              .formatted(runId, run.lifecycleStage().text()));
    }
    return run;
  }

  /** Refuses what cannot be the id of a run, where mlflow 3.17.2 {@code validation.py} does so. */
  static void checkId(String runId) {
    if (!ID.matcher(runId).matches()) {
      throw MillraceException.invalidParameter(
          "Invalid value %s for parameter 'run_id' supplied.".formatted(PythonText.json(runId)));
    }
  }
}
