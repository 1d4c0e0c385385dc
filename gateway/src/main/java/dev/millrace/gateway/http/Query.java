package dev.millrace.gateway.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, decoded, in the order sent. */
public final class Query {

  private static final Query EMPTY = new Query(Map.of());

  private final Map<String, List<String>> values;

  private Query(Map<String, List<String>> values) {
    this.values = values;
  }

  /** Reads {@code a=1&a=2&b}; a name without a value has the empty one. */
  public static Query parse(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return EMPTY;
    }
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (int from = 0; from <= text.length(); ) {
      int end = text.indexOf('&', from);
      end = end < 0 ? text.length() : end;
      if (end > from) {
        String pair = text.substring(from, end);
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        values
            .computeIfAbsent(Percent.decodeQuery(name), _ -> new ArrayList<>())
            .add(Percent.decodeQuery(value));
      }
      from = end + 1;
    }
    return new Query(values);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** The first value of a parameter; null if it is not there. */
  public @Nullable String first(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.getFirst();
  }

  /** Every value of a parameter; none if it is not there. */
  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }
}
