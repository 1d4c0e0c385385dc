package dev.millrace.tracking;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The tag of a logged model that lists the registered model versions made of it, as JSON (mlflow
 * 3.17.2 {@code abstract_store.py}, set_model_versions_tags): {@code [{"name": "forest", "version":
 * 1}]}.
 */
final class VersionList {

  static final String TAG = "mlflow.modelVersions";

  private static final JsonFactory JSON = new JsonFactory();

  private VersionList() {}

  private enum Content {
    NO_LIST,
    EMPTY,
    HAS_IT,
    HAS_OTHERS
  }

  /**
   * The list with one more version. It stays as it is if the version is on it already, or if no
   * more can be stored; what is no list gives way to one.
   *
   * @param list null or empty if there is none yet
   */
  static String append(@Nullable String list, String name, int version) {
    String entry = "{\"name\": %s, \"version\": %d}".formatted(PythonText.json(name), version);
    if (list == null) {
      return "[" + entry + "]";
    }
    return switch (read(list, name, version)) {
      case NO_LIST, EMPTY -> "[" + entry + "]";
      case HAS_IT -> list;
      case HAS_OTHERS -> {
        String longer = list.substring(0, list.lastIndexOf(']')) + ", " + entry + "]";
        yield longer.length() > Limit.TEXT ? list : longer;
      }
    };
  }

  private static Content read(String list, String name, int version) {
    try (JsonParser in = JSON.createParser(list)) {
      if (in.nextToken() != JsonToken.START_ARRAY) {
        return Content.NO_LIST;
      }
      boolean isEmpty = true;
      boolean hasIt = false;
      while (in.nextToken() != JsonToken.END_ARRAY) {
        isEmpty = false;
        hasIt |= isEntry(in, name, version);
      }
      if (in.nextToken() != null) {
        return Content.NO_LIST;
      }
      return isEmpty ? Content.EMPTY : hasIt ? Content.HAS_IT : Content.HAS_OTHERS;
    } catch (IOException e) {
      return Content.NO_LIST;
    }
  }

  /** Whether the value that begins here is the entry of a version; reads to its end. */
  private static boolean isEntry(JsonParser in, String name, int version) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      in.skipChildren();
      return false;
    }
    boolean hasName = false;
    boolean hasVersion = false;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String field = in.currentName();
      JsonToken value = in.nextToken();
      if (field.equals("name")) {
        hasName = value == JsonToken.VALUE_STRING && in.getText().equals(name);
      } else if (field.equals("version")) {
        hasVersion =
            value == JsonToken.VALUE_NUMBER_INT && in.getText().equals(Integer.toString(version));
      }
      in.skipChildren();
    }
    return hasName && hasVersion;
  }
}
