package dev.millrace.projects.environment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What uv once found for a project: which libraries it needs, down to their digests. mlflow 3.17.2
 * ({@code utils/uv_utils.py}) installs these instead of what {@code python_env.yaml} names.
 *
 * @param files their content by name: all that the environment is made of
 */
record UvLock(Map<String, byte[]> files) {

  private static final String LOCK = "uv.lock";
  private static final long MAX_BYTES = 32L << 20;

  /** That of a project; null if it has none. */
  static @Nullable UvLock find(Path project) throws IOException {
    if (!isFile(project.resolve(LOCK))) {
      return null;
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : new String[] {LOCK, "pyproject.toml", ".python-version"}) {
      Path file = project.resolve(name);
      if (isFile(file)) {
        if (Files.size(file) > MAX_BYTES) {
          throw new IOException("%s is larger than %d bytes".formatted(name, MAX_BYTES));
        }
        files.put(name, Files.readAllBytes(file));
      }
    }
    return new UvLock(files);
  }

  /** A link may lead out of the project. */
  private static boolean isFile(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** Other for other files: MLflow's names of environments do not tell them apart. */
  String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.forEach(
          (name, content) -> {
            digest.update(
                "%s %d ".formatted(name, content.length).getBytes(StandardCharsets.UTF_8));
            digest.update(content);
          });
      return HexFormat.of().formatHex(digest.digest()).substring(0, 40);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void copyTo(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }
}
