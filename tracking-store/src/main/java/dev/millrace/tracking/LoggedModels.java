package dev.millrace.tracking;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.SearchLoggedModelsRequest;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of logged models. A deleted model can still be changed, as in mlflow 3.17.2 {@code
 * sqlalchemy_store.py}: only reading it needs leave.
 */
final class LoggedModels {

  /** The number of {@code LOGGED_MODEL_PENDING}. */
  private static final int PENDING = 1;

  private static final Pattern ID = Pattern.compile("m-[0-9a-f]{32}");
  private static final Pattern BAD_NAME = Pattern.compile("[/:.%\"']");
  private static final Limit NAME = new Limit("name", Limit.TEXT);
  private static final Limit MODEL_TYPE = new Limit("model_type", Limit.TEXT);
  private static final Limit SOURCE_RUN_ID = new Limit("source_run_id", 32);
  private static final Limit KEY = new Limit("key", 255);
  private static final Limit VALUE = new Limit("value", Limit.TEXT);

  private final Database database;
  private final LoggedModelStore store;
  private final ExperimentStore experiments;

  LoggedModels(Database database, LoggedModelStore store, ExperimentStore experiments) {
    this.database = database;
    this.store = store;
    this.experiments = experiments;
  }

  /**
   * Creates a model, pending.
   *
   * @param name empty for a random one
   * @throws MillraceException INVALID_PARAMETER_VALUE if a text is not allowed or the experiment is
   *     deleted, RESOURCE_DOES_NOT_EXIST if there is no such experiment, BAD_REQUEST if a key comes
   *     twice
   */
  LoggedModelRow create(
      String experimentId,
      String name,
      String modelType,
      String sourceRunId,
      List<PairRow> params,
      List<PairRow> tags) {
    if (BAD_NAME.matcher(name).find()) {
      throw MillraceException.invalidParameter(
          ("Invalid model name (%s) provided. Model name must be a non-empty string and cannot"
                  + " contain the following characters: ('/', ':', '.', '%%', '\"', \"'\")")
              .formatted(PythonText.of(name)));
    }
    NAME.check(name);
    MODEL_TYPE.check(modelType);
    SOURCE_RUN_ID.check(sourceRunId);
    Map<String, String> paramValues = distinct("param", params);
    Map<String, String> tagValues = distinct("tag", tags);
    long experiment = Experiments.parseId(experimentId);
    String modelId = "m-" + UUID.randomUUID().toString().replace("-", "");
    return database.transaction(
        tx -> {
          ExperimentRow parent =
              Experiments.requireActive(experiments.find(tx, experiment), experiment);
          long now = System.currentTimeMillis();
          LoggedModelRow model =
              new LoggedModelRow(
                  modelId,
                  experiment,
                  name.isEmpty() ? RunNames.random() : name,
                  ArtifactUri.append(parent.artifactLocation(), "models/" + modelId + "/artifacts"),
                  now,
                  now,
                  PENDING,
                  LifecycleStage.ACTIVE,
                  modelType,
                  sourceRunId,
                  null,
                  paramValues,
                  tagValues,
                  List.of());
          store.insert(tx, model);
          return model;
        });
  }

  /**
   * A model.
   *
   * @param allowDeleted whether a deleted one may be read
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  LoggedModelRow get(String modelId, boolean allowDeleted) {
    requireId(modelId);
    LoggedModelRow model = database.read(tx -> load(tx, modelId));
    if (!allowDeleted && model.lifecycleStage() == LifecycleStage.DELETED) {
      throw notFound(modelId);
    }
    return model;
  }

  /**
   * Sets the status, whatever it was before.
   *
   * @param status the number of a {@code LoggedModelStatus}
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  LoggedModelRow setStatus(String modelId, int status) {
    requireId(modelId);
    return database.transaction(
        tx -> {
          require(store.setStatus(tx, modelId, status, System.currentTimeMillis()), modelId);
          return load(tx, modelId);
        });
  }

  /**
   * Moves a model to the bin, also one that is there.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void delete(String modelId) {
    requireId(modelId);
    database.change(
        tx ->
            require(
                store.setLifecycleStage(
                    tx, modelId, LifecycleStage.DELETED, System.currentTimeMillis()),
                modelId));
  }

  /**
   * Sets tags; of two with one key the later wins.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE if a text is too
   *     long
   */
  void setTags(String modelId, List<PairRow> tags) {
    requireId(modelId);
    Map<String, String> values = new TreeMap<>();
    tags.forEach(
        tag -> {
          check(tag);
          values.put(tag.key(), tag.value());
        });
    database.change(
        tx ->
            store.setTags(
                tx, modelId, require(store.lockExperiment(tx, modelId), modelId), values));
  }

  /**
   * Notes in the tag {@code mlflow.modelVersions} that a version of a registered model was made of
   * this model, also of a deleted one. What others note at the same time is not lost.
   *
   * @param name the registered model's
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void appendVersion(String modelId, String name, int version) {
    requireId(modelId);
    database.change(
        tx -> {
          long experiment = require(store.lockExperiment(tx, modelId), modelId);
          String list = store.tag(tx, modelId, VersionList.TAG);
          String longer = VersionList.append(list, name, version);
          if (!longer.equals(list)) {
            store.setTags(tx, modelId, experiment, Map.of(VersionList.TAG, longer));
          }
        });
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such model or tag
   */
  void deleteTag(String modelId, String key) {
    requireId(modelId);
    database.change(
        tx -> {
          require(store.findExperiment(tx, modelId), modelId);
          if (!store.deleteTag(tx, modelId, key)) {
            throw MillraceException.notFound(
                "No tag with key %s found for model with ID %s."
                    .formatted(PythonText.of(key), PythonText.of(modelId)));
          }
        });
  }

  /**
   * Adds params. What is there already stays, so that a retry changes nothing.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE if a text is too
   *     long, BAD_REQUEST if a key comes twice or has another value already
   */
  void logParams(String modelId, List<PairRow> params) {
    requireId(modelId);
    Map<String, String> values = distinct("param", params);
    database.change(
        tx -> {
          long experiment = require(store.findExperiment(tx, modelId), modelId);
          if (store.insertParams(tx, modelId, experiment, values) < values.size()) {
            Map<String, String> stored = store.params(tx, modelId);
            values.forEach(
                (key, value) -> {
                  if (!value.equals(stored.get(key))) {
                    throw badRequest(
                        "The param '%s' of logged model '%s' has another value already"
                            .formatted(key, modelId));
                  }
                });
          }
        });
  }

  /**
   * Adds points that a run measured on models, within the transaction that adds them to the run.
   *
   * @throws MillraceException BAD_REQUEST if there is no such model, or it has another value of the
   *     metric by this run at the same step and time
   */
  void logMetrics(Tx tx, List<LoggedModelMetricRow> metrics) throws SQLException {
    if (metrics.isEmpty()) {
      return;
    }
    List<LoggedModelMetricRow> refused = store.insertMetrics(tx, metrics);
    if (!refused.isEmpty()) {
      LoggedModelMetricRow first = refused.getFirst();
      boolean exists = store.findExperiment(tx, first.modelId()) != null;
      throw badRequest(
          exists
              ? "The metric '%s' of logged model '%s' has another value at step %d and time %d"
                  .formatted(
                      first.point().key(),
                      first.modelId(),
                      first.point().step(),
                      first.point().timestamp())
              : "Logged model with ID '%s' not found.".formatted(first.modelId()));
    }
  }

  /**
   * A page of the models that fulfil a filter.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Page<LoggedModelRow> search(SearchLoggedModelsRequest request) {
    List<LoggedModelQuery.DatasetFilter> datasets =
        LoggedModelQuery.datasets(request.getDatasetsList());
    Map<String, @Nullable Object> token =
        request.getPageToken().isEmpty() ? null : LoggedModelToken.decode(request);
    int maxResults = maxResults(request);
    List<Condition> conditions = LoggedModelQuery.conditions(request.getFilter());
    List<Long> ids = Searches.experimentIds(request.getExperimentIdsList());
    LoggedModelQuery query =
        new LoggedModelQuery(
            conditions, datasets, LoggedModelQuery.orders(request.getOrderByList()));
    return database.read(
        tx -> {
          List<Long> existing = experiments.existing(tx, ids);
          if (existing.isEmpty()) {
            return new Page<>(List.of(), null);
          }
          PageQuery sql = LoggedModelSearch.sql(query, tx.dialect(), existing);
          PageQuery.Place start = token == null ? null : LoggedModelToken.place(sql, token);
          PageQuery.Page<String> page = sql.read(tx, start, maxResults, row -> row.string(1));
          return new Page<>(
              store.load(tx, page.rows()),
              page.next() == null ? null : LoggedModelToken.encode(request, page.next()));
        });
  }

  /** MLflow takes 0 for "as usual", which is not what it does if nobody says how many. */
  private static int maxResults(SearchLoggedModelsRequest request) {
    int maxResults = request.getMaxResults();
    if (maxResults == 0) {
      return request.hasMaxResults() ? 100 : 50;
    }
    // Unlike elsewhere, more than the most is no error.
    int bounded = Math.min(maxResults, Searches.MAX_RESULTS);
    Searches.checkMaxResults(bounded);
    return bounded;
  }

  private LoggedModelRow load(Tx tx, String modelId) throws SQLException {
    List<LoggedModelRow> models = store.load(tx, List.of(modelId));
    if (models.isEmpty()) {
      throw notFound(modelId);
    }
    return models.getFirst();
  }

  private static Map<String, String> distinct(String noun, List<PairRow> pairs) {
    Map<String, String> values = LinkedHashMap.newLinkedHashMap(pairs.size());
    for (PairRow pair : pairs) {
      check(pair);
      if (values.putIfAbsent(pair.key(), pair.value()) != null) {
        throw badRequest("The %s '%s' comes twice".formatted(noun, pair.key()));
      }
    }
    return values;
  }

  private static void check(PairRow pair) {
    KEY.check(pair.key());
    VALUE.check(pair.value());
  }

  /** What has not the form of an id may not even be a text that the database knows. */
  private static void requireId(String modelId) {
    require(ID.matcher(modelId).matches(), modelId);
  }

  private static void require(boolean exists, String modelId) {
    if (!exists) {
      throw notFound(modelId);
    }
  }

  private static long require(@Nullable Long experimentId, String modelId) {
    if (experimentId == null) {
      throw notFound(modelId);
    }
    return experimentId;
  }

  private static MillraceException notFound(String modelId) {
    return MillraceException.notFound("Logged model with ID '%s' not found.".formatted(modelId));
  }

  private static MillraceException badRequest(String message) {
    return new MillraceException(ErrorCode.BAD_REQUEST, message);
  }
}
