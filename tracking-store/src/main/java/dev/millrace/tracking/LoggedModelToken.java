package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.proto.SearchLoggedModelsRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The page tokens of searches of logged models, which carry what was asked for: mlflow 3.17.2
 * {@code search_utils.py} ({@code SearchLoggedModelsPaginationToken}).
 */
final class LoggedModelToken {

  private static final String AFTER = "after";

  private LoggedModelToken() {}

  static String encode(SearchLoggedModelsRequest request, PageQuery.Place next) {
    Map<String, @Nullable Object> content = query(request);
    content.put(AFTER, next.content());
    return PageToken.encode(content);
  }

  /**
   * Reads the token of {@code request}.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none, or of another search
   */
  static Map<String, @Nullable Object> decode(SearchLoggedModelsRequest request) {
    Map<String, @Nullable Object> token = PageToken.decode(request.getPageToken());
    Map<String, @Nullable Object> query = query(request);
    check("Experiment IDs", "experiment IDs", "experiment_ids", true, token, query);
    check("Filter string", "filter string", "filter_string", false, token, query);
    check("Order by", "order by", "order_by", true, token, query);
    return token;
  }

  /**
   * The place behind which the page begins.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the token has none
   */
  static PageQuery.Place place(PageQuery sql, Map<String, @Nullable Object> token) {
    PageQuery.Place place = sql.place(token.get(AFTER));
    if (place == null) {
      throw PageToken.foreign(token);
    }
    return place;
  }

  private static void check(
      String name,
      String parameter,
      String key,
      boolean isQuoted,
      Map<String, @Nullable Object> token,
      Map<String, @Nullable Object> query) {
    Object expected = query.get(key);
    Object found = token.get(key);
    if (!Objects.equals(expected, found)) {
      throw MillraceException.invalidParameter(
          "%s in the page token do%s not match the requested %s. Expected: %s. Found: %s"
              .formatted(
                  name,
                  name.endsWith("s") ? "" : "es",
                  parameter,
                  print(expected, isQuoted),
                  print(found, isQuoted)));
    }
  }

  private static String print(@Nullable Object value, boolean isQuoted) {
    return !isQuoted && value instanceof String text ? text : PythonText.of(value);
  }

  private static Map<String, @Nullable Object> query(SearchLoggedModelsRequest request) {
    Map<String, @Nullable Object> query = new LinkedHashMap<>();
    query.put("experiment_ids", List.copyOf(request.getExperimentIdsList()));
    query.put("filter_string", nullIfEmpty(request.getFilter()));
    query.put(
        "order_by",
        request.getOrderByCount() == 0
            ? null
            : request.getOrderByList().stream().map(LoggedModelToken::order).toList());
    return query;
  }

  private static Map<String, @Nullable Object> order(SearchLoggedModelsRequest.OrderBy orderBy) {
    Map<String, @Nullable Object> order = new LinkedHashMap<>();
    order.put("field_name", orderBy.getFieldName());
    order.put("ascending", !orderBy.hasAscending() || orderBy.getAscending());
    order.put("dataset_name", nullIfEmpty(orderBy.getDatasetName()));
    order.put("dataset_digest", nullIfEmpty(orderBy.getDatasetDigest()));
    return order;
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
