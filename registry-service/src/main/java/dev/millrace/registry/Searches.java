package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageParts;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.platform.sql.Row;
import java.util.Iterator;
import java.util.List;

/** What the searches of the registry share. */
final class Searches {

  private Searches() {}

  /**
   * What was asked for, and where to go on.
   *
   * @param noun tells the tokens of one search from those of another
   * @param maxResults at least 0
   * @param pageToken empty for the first page
   */
  record Request(String noun, List<String> orderBy, long maxResults, String pageToken) {}

  /**
   * A page of what {@code query} finds, in parts. A page of nothing has no token, as none would
   * lead on.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the token is none of this search
   */
  static <T> Iterator<Page<T>> page(
      Database database,
      Request request,
      PageQuery query,
      Row.Mapper<T> mapper,
      PageParts.Completion<T> completion) {
    PageParts<T> parts =
        new PageParts<>(
            database,
            query,
            PageToken.fingerprint(request.noun(), request.orderBy()),
            request.pageToken(),
            request.maxResults(),
            mapper,
            completion);
    // Made in any case, as a wrong token is an error of an empty page, too.
    return request.maxResults() == 0 ? List.of(new Page<T>(List.of(), null)).iterator() : parts;
  }
}
