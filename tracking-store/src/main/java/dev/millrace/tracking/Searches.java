package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.proto.ViewType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules that all searches share. */
final class Searches {

  /** The most results a page may have. */
  static final int MAX_RESULTS = 50_000;

  private Searches() {}

  /**
   * Checks the size of a page.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkMaxResults(long maxResults) {
    String rule =
        maxResults < 1
            ? "a positive integer"
            : maxResults > MAX_RESULTS ? "at most " + MAX_RESULTS : null;
    if (rule != null) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'max_results' supplied. It must be %s"
              .formatted(maxResults, rule));
    }
  }

  /** The ids, each once, in order. */
  static List<Long> experimentIds(List<String> experimentIds) {
    return experimentIds.stream().map(Experiments::parseId).distinct().sorted().toList();
  }

  /** The stage that a view shows; null if it shows both. Whoever asks for none sees the active. */
  static @Nullable LifecycleStage stage(ViewType view) {
    return switch (view) {
      case DELETED_ONLY -> LifecycleStage.DELETED;
      case ALL -> null;
      case ACTIVE_ONLY, VIEW_TYPE_UNSPECIFIED, UNRECOGNIZED -> LifecycleStage.ACTIVE;
    };
  }

  /** What tells the pages of this search of runs from those of others. */
  static String fingerprint(
      List<Long> experimentIds, String filter, ViewType view, List<String> orderBy) {
    List<String> query = new ArrayList<>(List.of("runs", experimentIds.toString(), filter));
    query.add(String.valueOf(stage(view)));
    query.addAll(orderBy);
    return PageToken.fingerprint(query);
  }
}
