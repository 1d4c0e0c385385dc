package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What batches that share a transaction add to the tables, each table's rows in the order in which
 * everybody writes them.
 */
final class BatchGroup {

  private final Map<String, Integer> keyIds;
  private final SortedMap<Long, String> names = new TreeMap<>();
  private final SortedSet<Point> points = new TreeSet<>();
  private final SortedMap<RunKey, Point> latest = new TreeMap<>();
  private final SortedMap<RunKey, Value> params = new TreeMap<>();
  private final SortedMap<RunKey, Value> tags = new TreeMap<>();
  private final List<LoggedModelMetricRow> modelMetrics = new ArrayList<>();
  private final Map<Long, Long> experiments = new HashMap<>();

  /**
   * @param keyIds the numbers of all keys
   */
  BatchGroup(Map<String, Integer> keyIds) {
    this.keyIds = keyIds;
  }

  /** By what a run's row of a key is found. */
  record RunKey(long runNo, int keyId) implements Comparable<RunKey> {
    private static final Comparator<RunKey> ORDER =
        Comparator.comparingLong(RunKey::runNo).thenComparingInt(RunKey::keyId);

    @Override
    public int compareTo(RunKey other) {
      return ORDER.compare(this, other);
    }
  }

  /** A point as it is stored: a NaN is 0 and marked. */
  record Point(RunKey key, long timestamp, long step, double value, boolean isNan)
      implements Comparable<Point> {
    private static final Comparator<Point> ORDER =
        Comparator.comparing(Point::key)
            .thenComparingLong(Point::timestamp)
            .thenComparingLong(Point::step)
            .thenComparingDouble(Point::value)
            .thenComparing(Point::isNan);

    // MLflow's rule for the latest point; a NaN counts as 0.
    private static final Comparator<Point> RECENCY =
        Comparator.comparingLong(Point::step)
            .thenComparingLong(Point::timestamp)
            .thenComparingDouble(Point::value);

    @Override
    public int compareTo(Point other) {
      return ORDER.compare(this, other);
    }
  }

  /** A param or tag, with the experiment of its run, which searches need beside it. */
  record Value(long experimentId, String value) {}

  /** The new names of runs, by run number. */
  SortedMap<Long, String> names() {
    return names;
  }

  Collection<Point> points() {
    return points;
  }

  /** Of each run and key the latest of {@link #points}. */
  Collection<Point> latest() {
    return latest.values();
  }

  SortedMap<RunKey, Value> params() {
    return params;
  }

  SortedMap<RunKey, Value> tags() {
    return tags;
  }

  List<LoggedModelMetricRow> modelMetrics() {
    return modelMetrics;
  }

  /** The experiment of a run to which something is added. */
  long experimentId(long runNo) {
    return Objects.requireNonNull(experiments.get(runNo));
  }

  RunKey key(RunRow run, String key) {
    return new RunKey(run.runNo(), Objects.requireNonNull(keyIds.get(key)));
  }

  /**
   * Adds a batch.
   *
   * @param stored the values that params have already
   * @throws MillraceException INVALID_PARAMETER_VALUE if it would change the value of a param;
   *     nothing is added then
   */
  void add(Batch batch, RunRow run, Map<RunKey, String> stored) {
    addParams(batch, run, stored);
    experiments.put(run.runNo(), run.experimentId());
    for (MetricRow metric : batch.metrics()) {
      RunKey key = key(run, metric.key());
      boolean isNan = Double.isNaN(metric.value());
      Point point =
          new Point(key, metric.timestamp(), metric.step(), isNan ? 0 : metric.value(), isNan);
      points.add(point);
      latest.merge(key, point, (a, b) -> Point.RECENCY.compare(b, a) > 0 ? b : a);
    }
    batch
        .tags()
        .forEach((key, value) -> tags.put(key(run, key), new Value(run.experimentId(), value)));
    String name = batch.tags().get(Runs.NAME_TAG);
    if (name != null) {
      names.put(run.runNo(), name);
    }
    modelMetrics.addAll(batch.modelMetrics());
  }

  private void addParams(Batch batch, RunRow run, Map<RunKey, String> stored) {
    Map<RunKey, Value> added = new HashMap<>();
    List<Map<String, String>> clashes = new ArrayList<>();
    batch
        .params()
        .forEach(
            (key, value) -> {
              RunKey runKey = key(run, key);
              Value earlier = params.get(runKey);
              String old = earlier == null ? stored.get(runKey) : earlier.value;
              if (old == null) {
                added.put(runKey, new Value(run.experimentId(), value));
              } else if (!old.equals(value)) {
                clashes.add(clash(key, old, value));
              }
            });
    if (!clashes.isEmpty()) {
      throw changed(batch, clashes);
    }
    params.putAll(added);
  }

  private static Map<String, String> clash(String key, String old, String value) {
    Map<String, String> clash = new LinkedHashMap<>();
    clash.put("key", key);
    clash.put("old_value", old);
    clash.put("new_value", value);
    return clash;
  }

  private static MillraceException changed(Batch batch, List<Map<String, String>> clashes) {
    Map<String, String> first = clashes.getFirst();
    return MillraceException.invalidParameter(
        "Changing param values is not allowed. "
            + (batch.single()
                ? ("Param with key='%s' was already logged with value='%s' for run ID='%s'."
                        + " Attempted logging new value '%s'.")
                    .formatted(
                        first.get("key"),
                        first.get("old_value"),
                        batch.runId(),
                        first.get("new_value"))
                : "Params were already logged='%s' for run ID='%s'."
                    .formatted(PythonText.of(clashes), batch.runId())));
  }
}
