package dev.millrace.tracking;

import dev.millrace.platform.sql.Database;
import dev.millrace.tracking.MetricStore.RunPoint;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The histories of a metric of several runs, one after the other, in parts of bounded size; of
 * those behind the limit nothing is read.
 */
final class BulkHistoryParts implements Iterator<List<RunPoint>> {

  private final Database database;
  private final MetricStore store;
  private final Iterator<String> runs;
  private final String key;

  private String runId;
  private @Nullable HistoryParts history;
  private long left;
  private boolean isBegun;

  /**
   * @param runIds at least one
   * @param maxResults points in all parts together, from 0
   */
  BulkHistoryParts(
      Database database, MetricStore store, SortedSet<String> runIds, String key, long maxResults) {
    this.database = database;
    this.store = store;
    this.runs = runIds.iterator();
    this.runId = runIds.first();
    this.key = key;
    this.left = maxResults;
  }

  @Override
  public boolean hasNext() {
    return history != null || (left > 0 && runs.hasNext()) || !isBegun;
  }

  @Override
  public List<RunPoint> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    isBegun = true;
    if (history == null) {
      if (left == 0) {
        return List.of();
      }
      runId = runs.next();
      history = new HistoryParts(database, store, runId, key, HistoryPlace.BEGINNING, left);
    }
    List<MetricRow> points = history.next().metrics();
    left -= points.size();
    if (!history.hasNext()) {
      history = null;
    }
    return points.stream().map(point -> new RunPoint(runId, point)).toList();
  }
}
