package dev.millrace.tracking;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the tags that tell when an experiment's traces are archived may hold: a JSON object with a
 * duration such as {@code 30d} (mlflow 3.17.2 {@code utils/validation.py}).
 */
final class TraceArchival {

  private static final String RETENTION_TAG = "mlflow.trace.archivalRetention";
  private static final String NOW_TAG = "mlflow.trace.archiveNow";
  private static final Pattern DURATION = Pattern.compile("[1-9][0-9]*[mhd]");
  private static final int MAX_DURATION = 32;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private TraceArchival() {}

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE if {@code key} is one of these tags and
   *     {@code value} is not what it should be
   */
  static void check(String key, String value) {
    switch (key) {
      case RETENTION_TAG -> {
        Fields fields = Fields.of(value, "value");
        if (!"duration".equals(fields.type)) {
          throw MillraceException.invalidParameter(
              "Trace archival config must use type 'duration'.");
        }
        checkDuration(fields.duration);
      }
      case NOW_TAG -> {
        Fields fields = Fields.of(value, "older_than");
        if (fields.hasDuration) {
          checkDuration(fields.duration);
        }
      }
      default -> {}
    }
  }

  private static void checkDuration(@Nullable String duration) {
    String text = duration == null ? "" : duration.strip();
    if (text.length() > MAX_DURATION) {
      throw MillraceException.invalidParameter(
          "Trace archival duration must be at most 32 characters.");
    }
    if (!DURATION.matcher(text).matches()) {
      throw MillraceException.invalidParameter(
          "Trace archival retention must be in the form `<int><unit>`, where unit is one of 'm',"
              + " 'h', or 'd'.");
    }
  }

  /**
   * The two fields that matter; null where they are no strings.
   *
   * @param hasDuration whether it is there and not null
   */
  private record Fields(@Nullable String type, @Nullable String duration, boolean hasDuration) {

    static Fields of(String json, String durationName) {
      try (JsonParser parser = JSON.createParser(json)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw noObject();
        }
        Fields fields = new Fields(null, null, false);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          JsonToken token = parser.nextToken();
          String text = token == JsonToken.VALUE_STRING ? parser.getText() : null;
          if (name.equals("type")) {
            fields = new Fields(text, fields.duration, fields.hasDuration);
          } else if (name.equals(durationName)) {
            fields = new Fields(fields.type, text, token != JsonToken.VALUE_NULL);
          }
          parser.skipChildren();
        }
        if (parser.nextToken() != null) {
          throw noObject();
        }
        return fields;
      } catch (IOException e) {
        throw noObject();
      }
    }

    private static MillraceException noObject() {
      return MillraceException.invalidParameter(
          "Trace archival config must be encoded as a JSON object.");
    }
  }
}
