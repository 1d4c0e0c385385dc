package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.List;

/** What the searches of the registry share. */
final class Searches {

  private Searches() {}

  /** Loads what belongs to rows out of other tables. */
  @FunctionalInterface
  interface Completion<T> {
    List<T> complete(Tx tx, List<T> rows) throws SQLException;
  }

  /**
   * What was asked for, and where to go on.
   *
   * @param noun tells the tokens of one search from those of another
   * @param maxResults at least 0
   * @param pageToken empty for the first page
   */
  record Request(String noun, List<String> orderBy, long maxResults, String pageToken) {}

  /**
   * A page of what {@code query} finds. A page of nothing has no token, as none would lead on.
   *
   * @param completion is given the page's rows, all at once
   * @throws MillraceException INVALID_PARAMETER_VALUE if the token is none of this search
   */
  static <T> Page<T> page(
      Database database,
      Request request,
      PageQuery query,
      Row.Mapper<T> mapper,
      Completion<T> completion) {
    String fingerprint = PageToken.fingerprint(request.noun(), request.orderBy());
    PageQuery.Place start =
        request.pageToken().isEmpty()
            ? null
            : query.place(PageToken.decode(request.pageToken()), fingerprint);
    if (request.maxResults() == 0) {
      return new Page<>(List.of(), null);
    }
    return database.read(
        tx -> {
          PageQuery.Page<T> page = query.read(tx, start, (int) request.maxResults(), mapper);
          return new Page<>(
              completion.complete(tx, page.rows()),
              page.next() == null ? null : page.next().token(fingerprint));
        });
  }
}
