package dev.millrace.tracking;

/**
 * A point of a metric.
 *
 * @param value may be NaN, but never infinite: what is infinite becomes the largest or the least
 *     double, as in mlflow 3.17.2 {@code sqlalchemy_store.py}; nor is it -0.0
 * @param timestamp in milliseconds since the epoch
 */
record MetricRow(String key, double value, long timestamp, long step) {

  MetricRow {
    if (Double.isInfinite(value)) {
      value = value > 0 ? Double.MAX_VALUE : -Double.MAX_VALUE;
    } else if (value == 0) {
      value = 0;
    }
  }
}
