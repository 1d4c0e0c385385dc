package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.PageToken;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a history a page begins. Tokens hold the last point that was read, so that every page
 * costs the same; those of MLflow, which hold the number of points to skip, are understood too.
 */
record HistoryPlace(@Nullable MetricRow after, long skip) {

  static final HistoryPlace BEGINNING = new HistoryPlace(null, 0);

  static HistoryPlace behind(MetricRow point) {
    return new HistoryPlace(point, 0);
  }

  /**
   * Reads a token.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none of a history
   */
  static HistoryPlace of(String token) {
    Map<String, @Nullable Object> content = PageToken.decode(token);
    if (content.get("offset") instanceof Long offset && offset > 0) {
      return new HistoryPlace(null, offset);
    }
    if (content.get("after") instanceof List<?> after
        && after.size() == 4
        && after.get(0) instanceof Long timestamp
        && after.get(1) instanceof Long step
        && after.get(2) instanceof Double value
        && after.get(3) instanceof Boolean isNan) {
      return behind(new MetricRow("", isNan ? Double.NaN : value, timestamp, step));
    }
    throw PageToken.foreign(content);
  }

  /** As clients send it back; of a place behind a point. */
  String token() {
    MetricRow point = after;
    if (point == null) {
      throw new IllegalStateException("The beginning has no token");
    }
    boolean isNan = Double.isNaN(point.value());
    return PageToken.encode(
        Map.of(
            "after", List.of(point.timestamp(), point.step(), isNan ? 0.0 : point.value(), isNan)));
  }
}
