package dev.millrace.tracking;

import dev.millrace.platform.sql.Database;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A page of a history, which may be all of it, in parts of bounded size. Each is read when it is
 * asked for, on its own snapshot, by the index that pages begin with; meanwhile no connection is
 * held.
 */
final class HistoryParts implements Iterator<Metrics.Page> {

  /** Points of a part. */
  private static final int PART = 2_000;

  private final Database database;
  private final MetricStore store;
  private final String runId;
  private final String key;

  private HistoryPlace place;
  private long left;
  private boolean hasNext = true;

  /**
   * @param maxResults points in all parts together, at least 1
   */
  HistoryParts(
      Database database,
      MetricStore store,
      String runId,
      String key,
      HistoryPlace place,
      long maxResults) {
    this.database = database;
    this.store = store;
    this.runId = runId;
    this.key = key;
    this.place = place;
    this.left = maxResults;
  }

  @Override
  public boolean hasNext() {
    return hasNext;
  }

  @Override
  public Metrics.Page next() {
    if (!hasNext) {
      throw new NoSuchElementException();
    }
    int size = (int) Math.min(left, PART);
    List<MetricRow> found =
        database.read(tx -> store.history(tx, runId, key, place.after(), place.skip(), size + 1));
    if (found.size() <= size) {
      hasNext = false;
      return new Metrics.Page(found, null);
    }
    List<MetricRow> part = found.subList(0, size);
    place = HistoryPlace.behind(part.getLast());
    left -= size;
    hasNext = left > 0;
    return new Metrics.Page(part, hasNext ? null : place.token());
  }
}
