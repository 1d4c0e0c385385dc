package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rules of reading metrics, those of mlflow 3.17.2 {@code handlers.py}. A run or metric that
 * does not exist has no points; a deleted run keeps its.
 */
final class Metrics {

  private static final int MAX_RUNS = 100;
  private static final int MAX_HISTORY = 25_000;
  private static final int MAX_SAMPLE = 2_500;

  private final Database database;
  private final MetricStore store;

  Metrics(Database database, MetricStore store) {
    this.database = database;
    this.store = store;
  }

  /**
   * A part of a history.
   *
   * @param nextPageToken null after the last page, and in all but the last part of a page
   */
  record Page(List<MetricRow> metrics, @Nullable String nextPageToken) {}

  /**
   * A page of the history of a metric, in parts: the last has the token.
   *
   * @param maxResults null for the whole history
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  Iterator<Page> history(String runId, String key, @Nullable Integer maxResults, String pageToken) {
    if (maxResults != null && maxResults <= 0) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'max_results' supplied. It must be a positive integer."
              .formatted(maxResults));
    }
    HistoryPlace place = pageToken.isEmpty() ? HistoryPlace.BEGINNING : HistoryPlace.of(pageToken);
    return new HistoryParts(
        database, store, runId, key, place, maxResults == null ? Long.MAX_VALUE : maxResults);
  }

  /**
   * The histories of a metric of several runs, each once, by run id, up to a number of points in
   * all; in parts.
   *
   * @param maxResults null for as many as there may be
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  Iterator<List<MetricStore.RunPoint>> histories(
      List<String> runIds, @Nullable String key, @Nullable Long maxResults) {
    if (runIds.isEmpty()) {
      throw MillraceException.invalidParameter(
          "GetMetricHistoryBulk request must specify at least one run_id.");
    }
    if (runIds.size() > MAX_RUNS) {
      throw MillraceException.invalidParameter(
          "GetMetricHistoryBulk request cannot specify more than %d run_ids. Received %d run_ids."
              .formatted(MAX_RUNS, runIds.size()));
    }
    if (key == null) {
      throw MillraceException.invalidParameter(
          "GetMetricHistoryBulk request must specify a metric_key.");
    }
    long limit = maxResults == null ? MAX_HISTORY : Math.min(maxResults, MAX_HISTORY);
    if (limit < 0) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'max_results' supplied. It must not be negative."
              .formatted(limit));
    }
    return new BulkHistoryParts(database, store, new TreeSet<>(runIds), key, limit);
  }

  /**
   * A sample of the history of a metric of each run, in the order of {@code runIds}.
   *
   * @param firstStep null for all steps, like {@code lastStep}
   * @param maxResults points of a run; null for as many as there may be
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  List<MetricStore.RunPoint> samples(
      List<String> runIds,
      String key,
      @Nullable Integer firstStep,
      @Nullable Integer lastStep,
      @Nullable Integer maxResults) {
    String help = " See the API docs for more information about request parameters.";
    if (runIds.size() > MAX_RUNS) {
      throw MillraceException.invalidParameter(
          "GetMetricHistoryBulkInterval request must specify at most %d run_ids. Received %d run_ids.%s"
              .formatted(MAX_RUNS, runIds.size(), help));
    }
    int size = maxResults == null ? MAX_SAMPLE : maxResults;
    if (size < 1 || size > MAX_SAMPLE) {
      throw MillraceException.invalidParameter(
          "max_results must be between 1 and %d.%s".formatted(MAX_SAMPLE, help));
    }
    if ((firstStep == null) != (lastStep == null)) {
      throw MillraceException.invalidParameter(
          "If either start step or end step are specified, both must be specified.");
    }
    if (firstStep != null && lastStep != null && firstStep > lastStep) {
      throw MillraceException.invalidParameter(
          "end_step must be greater than start_step. Found start_step=%d and end_step=%d."
              .formatted(firstStep, lastStep));
    }
    Set<String> distinct = new TreeSet<>(runIds);
    Map<String, List<MetricRow>> samples =
        database.read(
            tx ->
                store.samples(
                    tx,
                    List.copyOf(distinct),
                    key,
                    firstStep == null ? Long.MIN_VALUE : firstStep,
                    lastStep == null ? Long.MAX_VALUE : lastStep,
                    size));
    return runIds.stream()
        .flatMap(
            runId ->
                samples.getOrDefault(runId, List.of()).stream()
                    .map(point -> new MetricStore.RunPoint(runId, point)))
        .toList();
  }
}
