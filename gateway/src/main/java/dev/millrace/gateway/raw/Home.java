package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * The page at {@code /} where no build of MLflow's web UI is: it shows what is stored, by the same
 * API that clients use, and tells how to get the full UI.
 */
public final class Home {

  private final byte[] page;

  /** Reads the page. */
  public Home() {
    try (InputStream file = Home.class.getResourceAsStream("home.html")) {
      page = Objects.requireNonNull(file, "home.html").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds its route. */
  public void route(Router.Builder router) {
    router.route(
        "GET",
        "/",
        (_, _) ->
            Response.bytes(200, Pages.TYPE, page)
                .with("Cache-Control", "no-cache")
                // All it needs is in the page or on this server.
                .with(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
                        + " connect-src 'self'; base-uri 'none'; form-action 'none'"));
  }
}
