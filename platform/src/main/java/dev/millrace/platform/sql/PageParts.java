package dev.millrace.platform.sql;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A page of what a query finds, which may be as large as a client likes, in parts of bounded size.
 * Each is read when it is asked for, on its own snapshot; meanwhile no connection is held. The last
 * part, which is the first if nothing is found, has the token of the next page.
 */
public final class PageParts<T> implements Iterator<Page<T>> {

  /** Rows of a part. */
  private static final int PART = 500;

  /** Loads what belongs to rows out of other tables, for the rows of a part at once. */
  @FunctionalInterface
  public interface Completion<T> {
    List<T> complete(Tx tx, List<T> rows) throws SQLException;
  }

  private final Database database;
  private final PageQuery query;
  private final String fingerprint;
  private final Row.Mapper<T> mapper;
  private final Completion<T> completion;

  private PageQuery.@Nullable Place place;
  private long left;
  private boolean hasNext = true;

  /**
   * @param fingerprint of what was asked for, for the token
   * @param pageToken empty to begin with the first row
   * @param maxResults rows of all parts together, at least 1 if any is to be read
   * @throws MillraceException INVALID_PARAMETER_VALUE if the token is none of this query
   */
  public PageParts(
      Database database,
      PageQuery query,
      String fingerprint,
      String pageToken,
      long maxResults,
      Row.Mapper<T> mapper,
      Completion<T> completion) {
    this.database = database;
    this.query = query;
    this.fingerprint = fingerprint;
    this.place = pageToken.isEmpty() ? null : query.place(PageToken.decode(pageToken), fingerprint);
    this.left = maxResults;
    this.mapper = mapper;
    this.completion = completion;
  }

  @Override
  public boolean hasNext() {
    return hasNext;
  }

  @Override
  public Page<T> next() {
    if (!hasNext) {
      throw new NoSuchElementException();
    }
    return database.read(
        tx -> {
          PageQuery.Page<T> part = query.read(tx, place, (int) Math.min(left, PART), mapper);
          List<T> rows = completion.complete(tx, part.rows());
          place = part.next();
          left -= rows.size();
          hasNext = place != null && left > 0;
          return new Page<>(rows, hasNext || place == null ? null : place.token(fingerprint));
        });
  }
}
