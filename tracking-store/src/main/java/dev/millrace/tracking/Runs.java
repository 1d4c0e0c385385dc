package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules of runs. */
final class Runs {

  /** The tag that repeats a run's name. */
  static final String NAME_TAG = "mlflow.runName";

  private static final Pattern ID = Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}");

  private final Database database;
  private final Keys keys;
  private final RunStore store;
  private final ExperimentStore experiments;
  private final InputStore inputs;

  Runs(
      Database database,
      Keys keys,
      RunStore store,
      ExperimentStore experiments,
      InputStore inputs) {
    this.database = database;
    this.keys = keys;
    this.store = store;
    this.experiments = experiments;
    this.inputs = inputs;
  }

  /**
   * Creates a run, with a random name if it gets none.
   *
   * @param startTime in milliseconds since the epoch
   * @param name empty for that of the tag {@code mlflow.runName}, or a random one
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such experiment,
   *     INVALID_PARAMETER_VALUE if it is deleted or name and tag differ
   */
  RunContent create(
      String experimentId, String userId, long startTime, String name, List<RunTag> given) {
    long experiment = Experiments.parseId(experimentId);
    Map<String, String> tags = new LinkedHashMap<>();
    given.forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
    String tagged = tags.getOrDefault(NAME_TAG, "");
    if (!name.isEmpty() && !tagged.isEmpty() && !name.equals(tagged)) {
      throw MillraceException.invalidParameter(
          "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different"
              + " values (run_name='%s', mlflow.runName='%s').".formatted(name, tagged));
    }
    String runName = !name.isEmpty() ? name : !tagged.isEmpty() ? tagged : RunNames.random();
    tags.put(NAME_TAG, runName);
    Map<String, Integer> keyIds = keys.ensure(tags.keySet());
    Map<Integer, String> values = new HashMap<>();
    tags.forEach((key, value) -> values.put(keyIds.get(key), value));
    String runId = UUID.randomUUID().toString().replace("-", "");
    RunContent content =
        database.transaction(
            tx -> {
              ExperimentRow parent =
                  Experiments.requireActive(experiments.find(tx, experiment), experiment);
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
              long runNo = store.insert(tx, run);
              store.insertTags(tx, runNo, experiment, values);
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
    return database.read(
        tx -> {
          RunContent content = store.load(tx, List.of(require(tx, runId))).getFirst();
          content.modelInputs().addAll(inputs.modelInputs(tx, content.run().runNo()));
          return content;
        });
  }

  /**
   * A run without what was logged to it.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  RunRow getInfo(String runId) {
    return database.read(tx -> require(tx, runId));
  }

  private RunRow require(Tx tx, String runId) throws SQLException {
    return require(store.find(tx, runId), runId);
  }

  private static RunRow require(@Nullable RunRow run, String runId) {
    if (run == null) {
      throw MillraceException.notFound("Run with id=%s not found".formatted(runId));
    }
    return run;
  }

  /** Refuses a change of what is in a deleted run, or of none. */
  static RunRow requireActive(@Nullable RunRow row, String runId) {
    RunRow run = require(row, runId);
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
          "Invalid value \"%s\" for parameter 'run_id' supplied.".formatted(runId));
    }
  }
}
