package dev.millrace.tracking;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The models that 2.x clients logged to a run, as its tag {@link #TAG} lists them: JSON as Python's
 * {@code json.dumps} writes it, of the fields that mlflow 3.17.2 {@code models/model.py}
 * (get_tags_dict) keeps.
 */
final class ModelHistory {

  static final String TAG = "mlflow.log-model.history";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final List<String> MANDATORY =
      List.of("artifact_path", "flavors", "utc_time_created", "run_id");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

  private ModelHistory() {}

  /**
   * The entry of the history for a model.
   *
   * @param modelJson the MLmodel file as JSON
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none
   */
  static String entry(String modelJson) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(modelJson)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed(modelJson);
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        String text =
            switch (name) {
              case "run_id", "artifact_path", "model_uuid" -> value(parser);
              case "utc_time_created" -> time(parser);
              case "flavors" -> flavors(parser);
              default -> skip(parser, value);
            };
        if (text == null) {
          throw malformed(modelJson);
        }
        fields.put(name, text);
      }
      if (parser.nextToken() != null) {
        throw malformed(modelJson);
      }
    } catch (IOException e) {
      throw malformed(modelJson);
    }
    TreeSet<String> missing = new TreeSet<>(MANDATORY);
    missing.removeAll(fields.keySet());
    if (!missing.isEmpty()) {
      throw MillraceException.invalidParameter(
          "Model json is missing mandatory fields: " + PythonText.of(missing));
    }
    StringBuilder entry = new StringBuilder("{");
    for (String name : List.of("run_id", "artifact_path")) {
      if (!"null".equals(fields.get(name))) {
        entry.append('"').append(name).append("\": ").append(fields.get(name)).append(", ");
      }
    }
    return entry
        .append("\"utc_time_created\": ")
        .append(fields.get("utc_time_created"))
        .append(", \"model_uuid\": ")
        .append(fields.getOrDefault("model_uuid", "null"))
        .append(", \"flavors\": ")
        .append(fields.get("flavors"))
        .append('}')
        .toString();
  }

  /**
   * A history with one more entry.
   *
   * @param history the tag's value, or null if the run has none
   * @throws MillraceException INVALID_PARAMETER_VALUE if {@code history}, which clients may set as
   *     they like, is no JSON list
   */
  static String append(@Nullable String history, String entry) {
    if (history == null) {
      return "[" + entry + "]";
    }
    StringBuilder out = new StringBuilder("[");
    try (JsonParser parser = JSON.createParser(history)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw noList();
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        write(parser, out);
        out.append(", ");
      }
      if (parser.nextToken() != null) {
        throw noList();
      }
    } catch (IOException e) {
      throw noList();
    }
    return out.append(entry).append(']').toString();
  }

  private static String value(JsonParser parser) throws IOException {
    StringBuilder out = new StringBuilder();
    write(parser, out);
    return out.toString();
  }

  /** The time as a text; now if it is empty; null if it cannot be one. */
  private static @Nullable String time(JsonParser parser) throws IOException {
    StringBuilder out = new StringBuilder();
    switch (parser.currentToken()) {
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_NULL -> {
        boolean empty = parser.currentToken() == JsonToken.VALUE_NULL || parser.getText().isEmpty();
        quote(empty ? LocalDateTime.now(ZoneOffset.UTC).format(TIME) : parser.getText(), out);
        return out.toString();
      }
      default -> {
        return null;
      }
    }
  }

  /** The flavors, each without its {@code config}; null if they are no object. */
  private static @Nullable String flavors(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return "{}";
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return null;
    }
    StringBuilder out = new StringBuilder("{");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      name(parser, out);
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        writeObject(parser, out, "config");
      } else {
        write(parser, out);
      }
    }
    return out.append('}').toString();
  }

  private static String skip(JsonParser parser, JsonToken value) throws IOException {
    parser.skipChildren();
    return value.name();
  }

  /** Writes the value at the parser's position, which then stands at its end. */
  private static void write(JsonParser parser, StringBuilder out) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> writeObject(parser, out, null);
      case START_ARRAY -> {
        out.append('[');
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          separate(out, '[');
          write(parser, out);
        }
        out.append(']');
      }
      case VALUE_STRING -> quote(parser.getText(), out);
      default -> out.append(parser.getText());
    }
  }

  private static void writeObject(JsonParser parser, StringBuilder out, @Nullable String except)
      throws IOException {
    out.append('{');
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      if (parser.currentName().equals(except)) {
        parser.nextToken();
        parser.skipChildren();
      } else {
        name(parser, out);
        write(parser, out);
      }
    }
    out.append('}');
  }

  /** Writes the field name at the parser's position and moves on to the value. */
  private static void name(JsonParser parser, StringBuilder out) throws IOException {
    separate(out, '{');
    quote(parser.currentName(), out);
    out.append(": ");
    parser.nextToken();
  }

  private static void separate(StringBuilder out, char opening) {
    if (out.charAt(out.length() - 1) != opening) {
      out.append(", ");
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || c > '~') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static MillraceException malformed(String modelJson) {
    return MillraceException.invalidParameter(
        "Malformed model info. \n %s \n is not a valid JSON.".formatted(modelJson));
  }

  private static MillraceException noList() {
    return MillraceException.invalidParameter(
        "The tag '%s' of the run holds no JSON list".formatted(TAG));
  }
}
