package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A project within what was fetched, as the part of a URI behind {@code #} names it. Rules and
 * messages are those of mlflow 3.17.2 {@code projects/utils.py}.
 *
 * @param uri what is before
 * @param path what is behind; empty for the root
 */
record Subdirectory(String uri, String path) {

  /**
   * Takes a URI apart.
   *
   * @param path if it is named beside the URI; null or empty if not
   * @throws MillraceException INVALID_PARAMETER_VALUE if it contains a dot, or both name one
   */
  static Subdirectory parse(String uri, @Nullable String path) {
    String plain = uri.replaceAll("^['\"]+|['\"]+$", "");
    int hash = plain.indexOf('#');
    String behind = hash < 0 ? "" : plain.substring(hash + 1);
    if (path != null && !path.isEmpty()) {
      if (!behind.isEmpty() && !behind.equals(path)) {
        throw MillraceException.invalidParameter(
            "The project's URI and its subdirectory name different folders.");
      }
      behind = path;
    }
    if (behind.indexOf('.') >= 0) {
      throw MillraceException.invalidParameter("'.' is not allowed in project subdirectory paths.");
    }
    return new Subdirectory(hash < 0 ? plain : plain.substring(0, hash), behind);
  }

  /**
   * Finds the folder.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is not there, or not within the root
   */
  Path in(Path root) {
    try {
      Path folder = root.resolve(path.replaceAll("^/+", ""));
      if (Files.isDirectory(folder) && folder.toRealPath().startsWith(root.toRealPath())) {
        return folder;
      }
    } catch (IOException | InvalidPathException e) {
      // Is not there, then.
    }
    throw MillraceException.invalidParameter("Could not find subdirectory %s".formatted(path));
  }
}
