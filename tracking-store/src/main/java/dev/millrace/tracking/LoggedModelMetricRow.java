package dev.millrace.tracking;

/**
 * A point of a metric that a run measured on a logged model.
 *
 * @param point the point as it is stored with the run
 * @param datasetName empty for none, like {@code datasetDigest}
 */
record LoggedModelMetricRow(
    String modelId, String runId, MetricRow point, String datasetName, String datasetDigest) {}
