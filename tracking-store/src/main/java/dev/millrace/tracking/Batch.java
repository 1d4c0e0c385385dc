package dev.millrace.tracking;

import java.util.List;
import java.util.Map;

/**
 * What one request logs to one run, checked and cut to length.
 *
 * @param metrics the points that go to the run
 * @param modelMetrics those of them that go to a logged model too
 * @param tags with {@code mlflow.runName} among them if the run gets a new name, which is not empty
 * @param single whether the request logs one thing, which decides how a clash of params is told
 */
record Batch(
    String runId,
    List<MetricRow> metrics,
    List<LoggedModelMetricRow> modelMetrics,
    Map<String, String> params,
    Map<String, String> tags,
    boolean single) {

  /** How much it is to write. */
  int size() {
    return metrics.size() + params.size() + tags.size();
  }
}
