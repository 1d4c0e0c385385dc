package dev.millrace.tracking;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The rules of what runs use and make: datasets and logged models. Limits are those of mlflow
 * 3.17.2 {@code utils/validation.py}. Writing the same again changes nothing.
 */
final class Inputs {

  /** The tag of an input that tells what a run used the dataset for. */
  private static final String CONTEXT_TAG = "mlflow.data.context";

  private static final Limit NAME = new Limit("name", 500);
  private static final Limit DIGEST = new Limit("digest", 36);
  private static final Limit SOURCE_TYPE = new Limit("source_type", Limit.TEXT);
  private static final Limit SOURCE = new Limit("source", 65_535);
  private static final Limit SCHEMA = new Limit("schema", Limit.TEXT);
  private static final Limit PROFILE = new Limit("profile", Limit.TEXT);
  private static final Limit TAG_KEY = new Limit("key", 255);
  private static final Limit TAG_VALUE = new Limit("value", 500);
  private static final Limit MODEL_ID = new Limit("model_id", 36);

  private static final Limit HISTORY = new Limit(ModelHistory.TAG, Limit.TEXT);

  private final Database database;
  private final InputStore store;
  private final DatasetStore datasets;
  private final RunStore runs;
  private final Keys keys;

  Inputs(Database database, InputStore store, DatasetStore datasets, RunStore runs, Keys keys) {
    this.database = database;
    this.keys = keys;
    this.store = store;
    this.datasets = datasets;
    this.runs = runs;
  }

  /**
   * Ties datasets and logged models to a run that uses them. A dataset that the run uses already
   * keeps its tags; one that the experiment knows already stays as it is.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such run,
   *     INVALID_PARAMETER_VALUE if it is deleted or a text is too long, BAD_REQUEST if a tag of a
   *     dataset comes twice
   */
  void logInputs(String runId, List<DatasetInputRow> inputs, List<String> modelIds) {
    Runs.checkId(runId);
    inputs.forEach(Inputs::check);
    modelIds.forEach(MODEL_ID::check);
    Map<DatasetRow.Identity, DatasetInputRow> distinct = new LinkedHashMap<>();
    inputs.forEach(input -> distinct.putIfAbsent(input.dataset().identity(), input));
    distinct.values().forEach(Inputs::requireDistinctTags);
    database.change(
        tx -> {
          RunRow run = Runs.requireActive(runs.lock(tx, runId), runId);
          if (!distinct.isEmpty()) {
            logDatasets(tx, run, List.copyOf(distinct.values()));
          }
          if (!modelIds.isEmpty()) {
            store.insertModelInputs(tx, run.runNo(), new HashSet<>(modelIds));
          }
        });
  }

  /**
   * Ties logged models to the run that made them.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such run,
   *     INVALID_PARAMETER_VALUE if it is deleted or a text is too long, BAD_REQUEST if the run made
   *     one of the models at another step
   */
  void logOutputs(String runId, List<ModelOutputRow> outputs) {
    outputs.forEach(output -> MODEL_ID.check(output.modelId()));
    database.change(
        tx -> {
          RunRow run = Runs.requireActive(runs.find(tx, runId), runId);
          if (outputs.isEmpty()) {
            return;
          }
          List<ModelOutputRow> refused =
              store.insertModelOutputs(tx, run.runNo(), new LinkedHashSet<>(outputs));
          if (!refused.isEmpty()) {
            throw new MillraceException(
                ErrorCode.BAD_REQUEST,
                "The run %s has logged model '%s' as an output of another step already"
                    .formatted(runId, refused.getFirst().modelId()));
          }
        });
  }

  /**
   * Adds a model that a 2.x client logged to the run's {@link ModelHistory}.
   *
   * @param modelJson the MLmodel file as JSON
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such run,
   *     INVALID_PARAMETER_VALUE if it is deleted or {@code modelJson} is not what it should be
   */
  void logModel(String runId, String modelJson) {
    String entry = ModelHistory.entry(modelJson);
    int keyId =
        Objects.requireNonNull(keys.ensure(List.of(ModelHistory.TAG)).get(ModelHistory.TAG));
    database.change(
        tx -> {
          RunRow run = Runs.requireActive(runs.lock(tx, runId), runId);
          String history = ModelHistory.append(runs.tag(tx, run.runNo(), keyId), entry);
          HISTORY.check(history);
          runs.setTag(tx, run, keyId, history);
        });
  }

  private void logDatasets(Tx tx, RunRow run, List<DatasetInputRow> inputs) throws SQLException {
    List<Long> numbers =
        datasets.ensure(
            tx, run.experimentId(), inputs.stream().map(DatasetInputRow::dataset).toList());
    Set<Long> known = store.findDatasets(tx, run.runNo(), numbers);
    Map<Long, List<PairRow>> added = new LinkedHashMap<>();
    List<String> contexts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (!known.contains(numbers.get(i))) {
        List<PairRow> tags = inputs.get(i).tags();
        added.put(numbers.get(i), tags);
        contexts.add(context(tags));
      }
    }
    if (!added.isEmpty()) {
      store.insertDatasets(tx, run.runNo(), added);
      datasets.insertContexts(tx, List.copyOf(added.keySet()), contexts);
    }
  }

  private static String context(List<PairRow> tags) {
    return tags.stream()
        .filter(tag -> tag.key().equals(CONTEXT_TAG))
        .map(PairRow::value)
        .findFirst()
        .orElse("");
  }

  private static void check(DatasetInputRow input) {
    DatasetRow dataset = input.dataset();
    NAME.check(dataset.name());
    DIGEST.check(dataset.digest());
    SOURCE_TYPE.check(dataset.sourceType());
    SOURCE.check(dataset.source());
    SCHEMA.check(dataset.schema());
    PROFILE.check(dataset.profile());
    for (PairRow tag : input.tags()) {
      TAG_KEY.check(tag.key());
      TAG_VALUE.check(tag.value());
    }
  }

  private static void requireDistinctTags(DatasetInputRow input) {
    Set<String> keys = new HashSet<>();
    for (PairRow tag : input.tags()) {
      if (!keys.add(tag.key())) {
        throw new MillraceException(
            ErrorCode.BAD_REQUEST,
            "The tag '%s' of dataset '%s' comes twice"
                .formatted(tag.key(), input.dataset().name()));
      }
    }
  }
}
