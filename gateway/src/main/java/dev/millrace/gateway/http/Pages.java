package dev.millrace.gateway.http;

/** The HTML pages of answers that have no other body. */
public final class Pages {

  /** The content type of a page. */
  public static final String TYPE = "text/html; charset=utf-8";

  private Pages() {}

  /** The answer that nothing is there. */
  public static Response notFound() {
    return page(404, "Not Found", "Nothing is served at this path.");
  }

  static Response methodNotAllowed() {
    return page(405, "Method Not Allowed", "This path does not take that method.");
  }

  static Response moved() {
    return page(308, "Permanent Redirect", "This path is spelled with single slashes.");
  }

  /** An answer without more to say than its status. */
  public static Response page(int status, String title, String text) {
    return Response.text(
        status,
        TYPE,
        """
        <!doctype html>
        <html lang="en">
        <title>%1$d %2$s</title>
        <h1>%2$s</h1>
        <p>%3$s</p>
        """
            .formatted(status, title, text));
  }
}
