package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Handler;
import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Answers requests that no route has: ENDPOINT_NOT_FOUND where the real server has an endpoint that
 * is not built here, at which clients fall back to an older one or say so at once; a page
 * elsewhere. A 500 or 503 would make them retry for minutes.
 *
 * <p>{@code unbuilt-paths.txt} lists what the paths of such endpoints start with, one a line; what
 * starts with {@code /api/} counts for {@code /ajax-api/} as well.
 */
public final class Unbuilt implements Handler {

  private static final String AJAX = "/ajax-api/";

  private final List<String> prefixes = read();

  @Override
  public Response handle(Request request) {
    String path = request.path();
    String api = path.startsWith(AJAX) ? "/api/" + path.substring(AJAX.length()) : path;
    if (prefixes.stream().anyMatch(p -> path.startsWith(p) || api.startsWith(p))) {
      throw new MillraceException(
          ErrorCode.ENDPOINT_NOT_FOUND,
          "Millrace has no endpoint %s %s yet.".formatted(request.method(), path));
    }
    return Pages.notFound();
  }

  private static List<String> read() {
    try (InputStream file = Unbuilt.class.getResourceAsStream("unbuilt-paths.txt")) {
      if (file == null) {
        throw new IllegalStateException("unbuilt-paths.txt is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
