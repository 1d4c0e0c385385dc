package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parameter that an entry point declares. Its type is {@code path}, {@code uri}, or any other,
 * which MLflow does not look at: a {@code float} may be any text.
 *
 * @param name as commands name it
 * @param addressable whether a user's parameter of this name sets it: one that YAML takes for a
 *     number or a boolean, as {@code on}, cannot be set in MLflow
 * @param type null for none of those that count
 * @param given its default as YAML has it; null for none
 */
record Parameter(String name, boolean addressable, @Nullable String type, @Nullable Object given) {

  static Parameter read(String entryPoint, @Nullable Object key, @Nullable Object declaration) {
    String name = PythonYaml.text(key);
    boolean addressable = key instanceof String;
    return switch (declaration) {
      case String type -> new Parameter(name, addressable, type, null);
      case Map<?, ?> map ->
          new Parameter(
              name,
              addressable,
              map.get("type") instanceof String type ? type : null,
              map.get("default"));
      case null, default ->
          throw MillraceException.invalidParameter(
              "MLproject: parameter %s of entry point %s must be a type, or a mapping with type and"
                      .formatted(PythonText.of(name), PythonText.of(entryPoint))
                  + " default, but is "
                  + PythonText.of(declaration));
    };
  }

  boolean isPath() {
    return "path".equals(type);
  }

  boolean isUri() {
    return "uri".equals(type);
  }

  /** Its default as a text; null if it has none and must be given. */
  @Nullable String fallback() {
    return given == null ? null : PythonYaml.text(given);
  }
}
