package dev.millrace.tracking;

import dev.millrace.platform.check.ArtifactHosts;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.check.Uri;
import dev.millrace.platform.error.MillraceException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Artifact locations, which are URIs or POSIX paths. */
final class ArtifactUri {

  private static final int MAX_LENGTH = 2048;
  private static final int MAX_DECODINGS = 10;
  private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

  // Schemes whose paths may have ";parameters" for Python's urlparse.
  private static final Set<String> WITH_PARAMETERS =
      Set.of("", "ftp", "hdfs", "http", "https", "sftp");

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

  /**
   * Refuses a location that a client may not choose (mlflow 3.17.2 {@code handlers.py},
   * _validate_storage_location_uri).
   *
   * @param trusted a URI on whose host clients may keep artifacts
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void check(String uri, String parameter, String trusted) {
    Uri parts = Uri.parse(uri);
    if (!parts.fragment().isEmpty() || hasParameters(parts)) {
      throw MillraceException.invalidParameter(
          "'%s' URL can't include fragments or params.".formatted(parameter));
    }
    checkQuery(parts.query());
    new ArtifactHosts(trusted, Set.of()).check(uri, parameter);
    if (uri.startsWith("runs:")) {
      throw MillraceException.invalidParameter(
          "Artifact location cannot be a runs:/ URI. Given: '%s'".formatted(uri));
    }
    if (uri.codePointCount(0, uri.length()) > MAX_LENGTH) {
      throw MillraceException.invalidParameter(
          ("Invalid artifact path length. The length of the artifact path cannot be greater than"
                  + " %d characters. To configure this limit, please set the"
                  + " MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.")
              .formatted(MAX_LENGTH));
    }
    new Limit(parameter, MAX_LENGTH).check(uri);
  }

  /** A query that holds "..", however often it is encoded, could become part of the path. */
  private static void checkQuery(String query) {
    String decoded = query;
    for (int i = 0; i < MAX_DECODINGS; i++) {
      String next = decode(decoded);
      if (next.equals(decoded)) {
        break;
      }
      decoded = next;
    }
    if (decoded.contains("..") || !decode(decoded).equals(decoded)) {
      throw MillraceException.invalidParameter("Invalid query string");
    }
  }

  /**
   * Decodes escapes of one level; which characters bytes beyond ASCII make does not matter here.
   */
  private static String decode(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            escape ->
                Matcher.quoteReplacement(
                    Character.toString(Integer.parseInt(escape.group(1), 16))));
  }

  private static boolean hasParameters(Uri uri) {
    String path = uri.path();
    int semicolon = path.indexOf(';', path.lastIndexOf('/') + 1);
    return WITH_PARAMETERS.contains(uri.scheme())
        && semicolon >= 0
        && semicolon < path.length() - 1;
  }
}
