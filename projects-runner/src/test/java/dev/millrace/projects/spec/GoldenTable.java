package dev.millrace.projects.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A table that {@code src/test/golden/make_tables.py} has written: an object of JSON a line. */
final class GoldenTable {

  private static final JsonFactory JSON = new JsonFactory();

  private GoldenTable() {}

  /** A row: Strings, Booleans, nulls, Lists and Maps, in order. */
  record Row(Map<?, ?> fields) {

    String text(String name) {
      return (String) Objects.requireNonNull(fields.get(name), name);
    }

    @Nullable String optionalText(String name) {
      return (String) fields.get(name);
    }

    Map<String, String> map(String name) {
      Map<String, String> map = new LinkedHashMap<>();
      ((Map<?, ?>) Objects.requireNonNull(fields.get(name), name))
          .forEach((key, value) -> map.put((String) key, (String) value));
      return map;
    }

    List<?> list(String name) {
      return (List<?>) Objects.requireNonNull(fields.get(name), name);
    }

    /** Pairs, as Python's dictionaries have them. */
    Map<String, String> pairs(String name) {
      Map<String, String> map = new LinkedHashMap<>();
      for (Object pair : list(name)) {
        map.put((String) ((List<?>) pair).getFirst(), (String) ((List<?>) pair).getLast());
      }
      return map;
    }

    boolean isTaken() {
      return fields.containsKey("taken");
    }

    boolean isRefused() {
      return fields.containsKey("error") || fields.containsKey("refused");
    }
  }

  static List<Row> read(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(GoldenTable.class.getResourceAsStream("/golden/" + name))) {
      List<Row> rows = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
        if (!line.isEmpty()) {
          try (JsonParser parser = JSON.createParser(line)) {
            parser.nextToken();
            rows.add(new Row((Map<?, ?>) Objects.requireNonNull(value(parser))));
          }
        }
      }
      return rows;
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (Objects.requireNonNull(parser.currentToken())) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          map.put(key, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getText();
    };
  }
}
