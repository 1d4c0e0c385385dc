package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value in plain Java types: String, Long, BigInteger, Double, Boolean, null, List and
 * sorted Map.
 */
public final class JsonValue {

  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private JsonValue() {}

  /** Reads the value at the parser's current token, up to its last token. */
  public static @Nullable Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> readDouble(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case START_ARRAY -> readList(parser);
      case START_OBJECT -> {
        Map<String, @Nullable Object> fields = new TreeMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, read(parser));
        }
        yield fields;
      }
      default -> null;
    };
  }

  /** Reads the number that is the parser's current token. */
  static double readDouble(JsonParser parser) throws IOException {
    // Jackson takes more names for what is not finite than Python does.
    if (parser.isNaN() && !NOT_FINITE.contains(parser.getText())) {
      throw new JsonParseException(parser, "No number: " + parser.getText());
    }
    return parser.getDoubleValue();
  }

  /** Reads the list whose start is the parser's current token. */
  static List<@Nullable Object> readList(JsonParser parser) throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(read(parser));
    }
    return items;
  }

  /** The name of a value's type in Python. */
  static String pythonType(@Nullable Object value) {
    return switch (value) {
      case null -> "NoneType";
      case String _ -> "str";
      case Boolean _ -> "bool";
      case Double _ -> "float";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "dict";
      default -> "int";
    };
  }

  /** Compact JSON as {@code json.dumps(value, sort_keys=True, separators=(",", ":"))} writes it. */
  public static String dumps(@Nullable Object value) {
    StringBuilder text = new StringBuilder();
    dump(value, text);
    return text.toString();
  }

  private static void dump(@Nullable Object value, StringBuilder text) {
    switch (value) {
      case null -> text.append("null");
      case String s -> dumpString(s, text);
      case Double d -> text.append(dumpDouble(d));
      case List<?> items -> {
        String separator = "[";
        for (Object item : items) {
          text.append(separator);
          dump(item, text);
          separator = ",";
        }
        text.append(items.isEmpty() ? "[]" : "]");
      }
      case Map<?, ?> fields -> {
        String separator = "{";
        for (Map.Entry<?, ?> field : fields.entrySet()) {
          text.append(separator);
          dumpString((String) field.getKey(), text);
          text.append(':');
          dump(field.getValue(), text);
          separator = ",";
        }
        text.append(fields.isEmpty() ? "{}" : "}");
      }
      default -> text.append(value);
    }
  }

  private static String dumpDouble(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-Infinity" : "Infinity";
    }
    return PythonNumber.format(value);
  }

  private static void dumpString(String value, StringBuilder text) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\b' -> text.append("\\b");
        case '\f' -> text.append("\\f");
        default -> {
          if (c < ' ' || c > '~') {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
