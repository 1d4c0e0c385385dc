package dev.millrace.tracking;

import dev.millrace.platform.check.KeyName;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules of what is logged to runs: metrics, params and tags, one by one or many at a time.
 * Limits, messages and the order of checks are those of mlflow 3.17.2 {@code utils/validation.py}
 * and {@code sqlalchemy_store.py}. Logging the same again changes nothing.
 */
final class Batches {

  private static final int MAX_METRICS = 1000;
  private static final int MAX_PARAMS_OR_TAGS = 100;
  private static final int MAX_ENTITIES = 1000;
  private static final Limit METRIC_NAME = new Limit("Metric name", KeyName.MAX_CHARACTERS);
  private static final Limit PARAM_KEY = new Limit("Param key", KeyName.MAX_CHARACTERS);
  private static final Limit PARAM_VALUE = new Limit("Param value", 6000);
  private static final Limit TAG_KEY = new Limit("key", KeyName.MAX_CHARACTERS);
  private static final Limit TAG_VALUE = new Limit("Tag value", 8000);

  private final BatchWriter writer;

  Batches(BatchWriter writer) {
    this.writer = writer;
  }

  /**
   * Logs a point of a metric.
   *
   * @param onModel the point again if it goes to a logged model too, else empty
   * @throws MillraceException INVALID_PARAMETER_VALUE if the point is not allowed or the run is
   *     deleted, RESOURCE_DOES_NOT_EXIST if there is no such run, BAD_REQUEST if there is no such
   *     model
   */
  void logMetric(String runId, MetricRow metric, List<LoggedModelMetricRow> onModel) {
    check(metric, "");
    writer.write(new Batch(runId, List.of(metric), onModel, Map.of(), Map.of(), true));
  }

  /**
   * Logs a param; a value that is too long is cut.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the key is not allowed, the run is deleted
   *     or the param has another value already; RESOURCE_DOES_NOT_EXIST if there is no such run
   */
  void logParam(String runId, PairRow param) {
    check(param, "key", PARAM_KEY);
    Map<String, String> params = Map.of(param.key(), PARAM_VALUE.cut(param.value()));
    writer.write(new Batch(runId, List.of(), List.of(), params, Map.of(), true));
  }

  /**
   * Sets a tag; a value that is too long is cut. The tag {@code mlflow.runName} renames the run.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the key is not allowed or the run is
   *     deleted; RESOURCE_DOES_NOT_EXIST if there is no such run
   */
  void setTag(String runId, PairRow tag) {
    check(tag, "key", TAG_KEY);
    Map<String, String> tags = new HashMap<>();
    put(tags, tag);
    writer.write(new Batch(runId, List.of(), List.of(), Map.of(), tags, true));
  }

  /**
   * Logs many at a time: all of them, or none if it throws.
   *
   * @param onModels those of {@code metrics} that go to a logged model too
   * @throws MillraceException INVALID_PARAMETER_VALUE if something is not allowed, there is too
   *     much of it, the run is deleted or a param has another value already;
   *     RESOURCE_DOES_NOT_EXIST if there is no such run; BAD_REQUEST if there is no such model
   */
  void log(
      String runId,
      List<MetricRow> metrics,
      List<LoggedModelMetricRow> onModels,
      List<PairRow> params,
      List<PairRow> tags) {
    Runs.checkId(runId);
    for (int i = 0; i < metrics.size(); i++) {
      check(metrics.get(i), "metrics[" + i + "].");
    }
    for (int i = 0; i < params.size(); i++) {
      check(params.get(i), "params[" + i + "].key", PARAM_KEY);
    }
    for (int i = 0; i < tags.size(); i++) {
      String path = "tags[" + i + "].key";
      check(tags.get(i), path, new Limit(path, KeyName.MAX_CHARACTERS));
    }
    checkCount("metrics", MAX_METRICS, metrics.size());
    checkCount("params", MAX_PARAMS_OR_TAGS, params.size());
    checkCount("tags", MAX_PARAMS_OR_TAGS, tags.size());
    checkCount(
        "metrics, params, and tags", MAX_ENTITIES, metrics.size() + params.size() + tags.size());
    Map<String, String> tagValues = new HashMap<>();
    tags.forEach(tag -> put(tagValues, tag));
    writer.write(new Batch(runId, metrics, onModels, distinct(params), tagValues, false));
  }

  private static void check(MetricRow metric, String path) {
    KeyName.check(metric.key(), path + "name");
    if (metric.timestamp() < 0) {
      throw MillraceException.invalidParameter(
          ("Invalid value %d for parameter '%stimestamp' supplied: metric '%s' (value=%s)."
                  + " Timestamp must be a nonnegative long (64-bit integer) ")
              .formatted(metric.timestamp(), path, metric.key(), PythonText.of(metric.value())));
    }
    METRIC_NAME.check(metric.key());
  }

  private static void check(PairRow pair, String path, Limit length) {
    KeyName.check(pair.key(), path);
    length.check(pair.key());
  }

  private static void checkCount(String what, int limit, int count) {
    if (count > limit) {
      throw MillraceException.invalidParameter(
          ("A batch logging request can contain at most %d %s. Got %d %s. Please split up %s"
                  + " across multiple requests and try again.")
              .formatted(limit, what, count, what, what));
    }
  }

  private static Map<String, String> distinct(List<PairRow> params) {
    Map<String, String> values = LinkedHashMap.newLinkedHashMap(params.size());
    List<String> twice = new ArrayList<>();
    for (PairRow param : params) {
      if (values.putIfAbsent(param.key(), PARAM_VALUE.cut(param.value())) != null) {
        twice.add(param.key());
      }
    }
    if (!twice.isEmpty()) {
      throw MillraceException.invalidParameter(
          ("Duplicate parameter keys have been submitted: %s. Please ensure the request contains"
                  + " only one param value per param key.")
              .formatted(PythonText.of(twice)));
    }
    return values;
  }

  /** Of two tags with one key the later wins; a run's name cannot be set to nothing. */
  private static void put(Map<String, String> tags, PairRow tag) {
    if (!tag.key().equals(Runs.NAME_TAG) || !tag.value().isEmpty()) {
      tags.put(tag.key(), TAG_VALUE.cut(tag.value()));
    }
  }
}
