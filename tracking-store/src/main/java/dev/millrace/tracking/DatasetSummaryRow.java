package dev.millrace.tracking;

/**
 * What runs of an experiment used a dataset for.
 *
 * @param context the value of the tag {@code mlflow.data.context}, empty for none
 */
record DatasetSummaryRow(long experimentId, String name, String digest, String context) {}
