package dev.millrace.tracking;

/**
 * A point of a metric.
 *
 * @param value may be NaN, but never infinite: what is infinite is stored as the largest or the
 *     least double
 * @param timestamp in milliseconds since the epoch
 */
record MetricRow(String key, double value, long timestamp, long step) {}
