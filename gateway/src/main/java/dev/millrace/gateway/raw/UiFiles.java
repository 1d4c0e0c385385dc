package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A build of MLflow's web UI: {@code index.html} at {@code /}, every file below {@code
 * /static-files/}, as mlflow 3.17.2 {@code server/__init__.py} serves it. Only files that were
 * there at the start are served, by exactly their names.
 */
public final class UiFiles {

  private static final String INDEX = "index.html";
  private static final int MAX_DEPTH = 10;

  /** Smaller texts are not worth compressing; in bytes. */
  private static final long MIN_COMPRESSED = 1024;

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("cjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("wasm", "application/wasm"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("ico", "image/vnd.microsoft.icon"),
          Map.entry("eot", "application/vnd.ms-fontobject"),
          Map.entry("ttf", "font/ttf"),
          Map.entry("woff", "font/woff"),
          Map.entry("woff2", "font/woff2"));

  private final Map<String, Path> files;

  /** What was compressed, by its entity tag; whoever asks first waits for it. */
  private final Map<String, byte[]> compressed = new ConcurrentHashMap<>();

  private UiFiles(Map<String, Path> files) {
    this.files = files;
  }

  /**
   * Lists the files of a build.
   *
   * @throws IllegalArgumentException if {@code folder} holds none
   */
  public static UiFiles open(Path folder) {
    Map<String, Path> files = new HashMap<>();
    try (Stream<Path> paths = Files.walk(folder, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      paths
          .filter(Files::isRegularFile)
          .forEach(path -> files.put(folder.relativize(path).toString().replace('\\', '/'), path));
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalArgumentException("The folder of the UI cannot be read: " + folder, e);
    }
    if (!files.containsKey(INDEX)) {
      throw new IllegalArgumentException(
          "The folder %s is no build of the UI: it holds no %s".formatted(folder, INDEX));
    }
    return new UiFiles(files);
  }

  /** Adds its routes. */
  public void route(Router.Builder router) {
    router.route("GET", "/", (request, _) -> send(request, INDEX, "no-cache"));
    router.route(
        "GET",
        "/static-files/{path=**}",
        (request, path) -> send(request, path.getOrDefault("path", ""), "public, max-age=2419200"));
  }

  private Response send(Request request, String name, String caching) throws IOException {
    Path file = files.get(name);
    if (file == null || !Files.isRegularFile(file)) {
      return Pages.notFound();
    }
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    String type = TYPES.getOrDefault(extension(name), "application/octet-stream");
    boolean isCompressed =
        isText(type)
            && attributes.size() >= MIN_COMPRESSED
            && takesGzip(request.header("Accept-Encoding"));
    String etag =
        "%x-%x%s"
            .formatted(
                attributes.lastModifiedTime().toMillis(),
                attributes.size(),
                isCompressed ? "-gzip" : "");
    Conditions conditions = new Conditions(etag, attributes.lastModifiedTime().toInstant());
    Response response;
    if (conditions.isUnmodified(request)) {
      response = Response.of(304);
    } else if (isCompressed) {
      byte[] bytes = compressed.computeIfAbsent(name + etag, _ -> compress(file));
      response = Response.bytes(200, type, bytes).with("Content-Encoding", "gzip");
    } else {
      response = Response.stream(200, type, attributes.size(), out -> Files.copy(file, out));
    }
    response = response.with("ETag", conditions.quotedEtag()).with("Cache-Control", caching);
    return isText(type) ? response.with("Vary", "Accept-Encoding, Origin") : response;
  }

  private static byte[] compress(Path file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      Files.copy(file, gzip);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static boolean isText(String type) {
    return type.startsWith("text/")
        || type.equals("application/json")
        || type.equals("image/svg+xml")
        || type.equals("application/wasm");
  }

  /** Whether a client's {@code Accept-Encoding} names gzip, and not to refuse it. */
  static boolean takesGzip(@Nullable String accepted) {
    if (accepted == null) {
      return false;
    }
    for (String coding : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = coding.split(";", 2);
      if (parts[0].strip().equals("gzip")) {
        return parts.length == 1 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
