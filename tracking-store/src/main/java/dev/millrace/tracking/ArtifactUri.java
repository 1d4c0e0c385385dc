package dev.millrace.tracking;

/** Artifact locations, which are URIs or POSIX paths. */
final class ArtifactUri {

  private ArtifactUri() {}

  /**
   * Appends {@code path} to the path of {@code uri}, before its query (mlflow 3.17.2 {@code
   * utils/uri.py}, append_to_uri_path).
   */
  static String append(String uri, String path) {
    int end = uri.indexOf('?');
    if (end < 0) {
      end = uri.length();
    }
    String base = uri.substring(0, end);
    return base + (base.endsWith("/") ? "" : "/") + path + uri.substring(end);
  }
}
