package dev.millrace.tracking;

import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A page of runs, which may be as large as a client likes, in parts of bounded size. Each is read
 * when it is asked for, on its own snapshot; meanwhile no connection is held.
 */
final class RunParts implements Iterator<Page<RunContent>> {

  /** Runs of a part, with all that was logged to them. */
  private static final int PART = 100;

  /** Metrics, params and tags, of each, of all runs of a part; of one run there may be more. */
  private static final int VALUES = 10_000;

  /** Runs that a search finds at a time. */
  private static final int FOUND = 1_000;

  private final Database database;
  private final RunStore store;
  private final PageQuery query;
  private final String fingerprint;
  private final Queue<RunRow> found = new ArrayDeque<>();

  private PageQuery.@Nullable Place place;
  private int left;
  private int size = PART;
  private boolean hasNext = true;

  /**
   * @param start null to begin with the first run
   * @param maxResults runs in all parts together, at least 1
   * @param fingerprint for the token
   */
  RunParts(
      Database database,
      RunStore store,
      PageQuery query,
      PageQuery.@Nullable Place start,
      int maxResults,
      String fingerprint) {
    this.database = database;
    this.store = store;
    this.query = query;
    this.place = start;
    this.left = maxResults;
    this.fingerprint = fingerprint;
  }

  @Override
  public boolean hasNext() {
    return hasNext;
  }

  @Override
  public Page<RunContent> next() {
    if (!hasNext) {
      throw new NoSuchElementException();
    }
    return database.read(
        tx -> {
          if (found.isEmpty()) {
            PageQuery.Page<RunRow> page =
                query.read(tx, place, Math.min(left, FOUND), RunStore::read);
            found.addAll(page.rows());
            place = page.next();
            left -= page.rows().size();
          }
          List<RunContent> part = found.isEmpty() ? List.of() : load(tx);
          hasNext = !found.isEmpty() || (place != null && left > 0);
          return new Page<>(part, hasNext || place == null ? null : place.token(fingerprint));
        });
  }

  /** Takes the next runs out of those found; fewer than before if those have too much in them. */
  private List<RunContent> load(Tx tx) throws SQLException {
    while (true) {
      List<RunRow> next = found.stream().limit(size).toList();
      List<RunContent> part = store.load(tx, next, next.size() == 1 ? Integer.MAX_VALUE : VALUES);
      if (part != null) {
        next.forEach(_ -> found.remove());
        return part;
      }
      size = Math.max(1, Math.min(size, next.size()) / 4);
    }
  }
}
