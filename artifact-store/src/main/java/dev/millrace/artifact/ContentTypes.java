package dev.millrace.artifact;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Content types by file name. As Python's {@code mimetypes}, on which MLflow builds, does: a table
 * of its own, and what the machine's {@code mime.types} files say beyond or against it.
 */
final class ContentTypes {

  /** The type of what is not known. */
  static final String BINARY = "application/octet-stream";

  private static final List<Path> MACHINE_TYPES =
      List.of(
          Path.of("/etc/mime.types"),
          Path.of("/etc/httpd/mime.types"),
          Path.of("/etc/httpd/conf/mime.types"),
          Path.of("/etc/apache/mime.types"),
          Path.of("/etc/apache2/mime.types"),
          Path.of("/usr/local/etc/httpd/conf/mime.types"),
          Path.of("/usr/local/lib/netscape/mime.types"),
          Path.of("/usr/local/etc/mime.types"));

  private static final Map<String, String> ALIASES =
      Map.of(
          ".svgz", ".svg.gz",
          ".tgz", ".tar.gz",
          ".taz", ".tar.gz",
          ".tz", ".tar.gz",
          ".tbz2", ".tar.bz2",
          ".txz", ".tar.xz");

  private static final Set<String> ENCODINGS = Set.of(".gz", ".Z", ".bz2", ".xz", ".br");

  /** mlflow 3.17.2 {@code mime_type_utils.py}: shown as text whatever their type; case counts. */
  private static final Set<String> TEXT =
      Set.of(
          "txt",
          "log",
          "err",
          "cfg",
          "conf",
          "cnf",
          "cf",
          "ini",
          "properties",
          "prop",
          "hocon",
          "toml",
          "yaml",
          "yml",
          "xml",
          "json",
          "js",
          "py",
          "py3",
          "csv",
          "tsv",
          "md",
          "rst",
          "ipynb",
          "MLmodel",
          "mlproject");

  private static final Map<String, String> TYPES = load();

  private ContentTypes() {}

  /** The type under which MLflow sends a file of this name. */
  static String of(String name) {
    String extension = name.substring(stem(name).length()).replace(".", "");
    return TEXT.contains(extension.isEmpty() ? name : extension)
        ? "text/plain"
        : guess(name).orElse(BINARY);
  }

  /** The type of a file of this name ({@code mimetypes.guess_type}), if there is one. */
  static Optional<String> guess(String name) {
    String base = stem(name);
    String extension = name.substring(base.length());
    String alias = ALIASES.get(extension.toLowerCase(Locale.ROOT));
    if (alias != null) {
      String full = base + alias;
      base = stem(full);
      extension = full.substring(base.length());
    }
    if (ENCODINGS.contains(extension)) {
      String inner = base;
      base = stem(inner);
      extension = inner.substring(base.length());
    }
    return Optional.ofNullable(TYPES.get(extension.toLowerCase(Locale.ROOT)));
  }

  /**
   * {@code posixpath.splitext}: what is before the last dot; dots at the start are no extension.
   */
  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    for (int i = 0; i < dot; i++) {
      if (name.charAt(i) != '.') {
        return name.substring(0, dot);
      }
    }
    return name;
  }

  private static Map<String, String> load() {
    Map<String, String> types = new HashMap<>();
    try {
      try (InputStream own = ContentTypes.class.getResourceAsStream("content-types.txt")) {
        read(Objects.requireNonNull(own, "content-types.txt"), types);
      }
      for (Path file : MACHINE_TYPES) {
        if (Files.isReadable(file) && Files.isRegularFile(file)) {
          try (InputStream stream = Files.newInputStream(file)) {
            read(stream, types);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(types);
  }

  private static void read(InputStream stream, Map<String, String> types) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int comment = line.indexOf('#');
      String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
      for (int i = 1; i < words.length; i++) {
        types.put("." + words[i], words[0]);
      }
    }
  }
}
