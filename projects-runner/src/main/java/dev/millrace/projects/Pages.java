package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.platform.sql.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists, page by page. */
final class Pages {

  private static final int MAX_RESULTS = 1000;
  private static final int DEFAULT_RESULTS = 100;

  private Pages() {}

  /**
   * A page of what a query finds.
   *
   * @param asked what was asked for: a token of another question is refused
   * @param maxResults 1 to 1,000; null for 100
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the parameter that is wrong
   */
  static <T> Page<T> read(
      Database database,
      PageQuery query,
      List<String> asked,
      @Nullable Long maxResults,
      String pageToken,
      Row.Mapper<T> mapper) {
    long size = maxResults == null ? DEFAULT_RESULTS : maxResults;
    if (size < 1 || size > MAX_RESULTS) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'max_results' supplied: it must be from 1 to %d."
              .formatted(size, MAX_RESULTS));
    }
    String fingerprint = PageToken.fingerprint(asked);
    PageQuery.Place start =
        pageToken.isEmpty() ? null : query.place(PageToken.decode(pageToken), fingerprint);
    return database.read(
        tx -> {
          PageQuery.Page<T> page = query.read(tx, start, (int) size, mapper);
          return new Page<>(
              page.rows(), page.next() == null ? null : page.next().token(fingerprint));
        });
  }
}
