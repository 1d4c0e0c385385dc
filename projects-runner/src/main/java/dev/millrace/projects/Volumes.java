package dev.millrace.projects;

import dev.millrace.projects.engine.Volume;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which volumes of {@code docker_env} containers get. A folder below one that is allowed is not: it
 * may be a link that a job has made.
 *
 * @param allowed paths and names of volumes, and whether they are read-only in any case
 */
record Volumes(Map<String, Boolean> allowed) {

  /** None at all. */
  static final Volumes NONE = new Volumes(Map.of());

  /**
   * Reads a list.
   *
   * @param list comma-separated: absolute paths or names, with {@code :ro} to be read-only
   * @throws IllegalArgumentException if it is malformed
   */
  static Volumes of(String list) {
    Map<String, Boolean> allowed = new LinkedHashMap<>();
    for (String each : list.split(",", -1)) {
      String text = each.strip();
      boolean isReadOnly = text.endsWith(":ro");
      String source = isReadOnly ? text.substring(0, text.length() - 3) : text;
      if (source.isEmpty()) {
        continue;
      }
      boolean isPath = source.startsWith("/") && source.equals(normal(source));
      if (source.contains(":") || !(isPath || source.matches("[A-Za-z0-9][A-Za-z0-9_.-]+"))) {
        throw new IllegalArgumentException(
            "'%s' is neither an absolute path nor the name of a volume".formatted(each));
      }
      allowed.put(source, isReadOnly);
    }
    return new Volumes(allowed);
  }

  /**
   * The volume that a project means.
   *
   * @param text {@code SOURCE:TARGET} or {@code SOURCE:TARGET:MODE}, as docker's {@code -v}
   * @return null if a container does not get it
   */
  @Nullable Volume find(String text) {
    String[] parts = text.split(":", -1);
    String mode = parts.length == 3 ? parts[2] : "rw";
    if (parts.length < 2 || parts.length > 3 || !List.of("ro", "rw").contains(mode)) {
      return null;
    }
    Boolean isReadOnly = allowed.get(parts[0]);
    if (isReadOnly == null || !parts[1].startsWith("/") || parts[1].indexOf('\0') >= 0) {
      return null;
    }
    return new Volume(parts[0], parts[1], isReadOnly || mode.equals("ro"));
  }

  private static String normal(String path) {
    return Path.of(path).normalize().toString();
  }
}
