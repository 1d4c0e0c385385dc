package dev.millrace.tracking;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Artifact locations, which are URIs or POSIX paths. */
final class ArtifactUri {

  private static final int MAX_LENGTH = 2048;
  private static final int MAX_DECODINGS = 10;
  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):");

  private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

  // Schemes whose paths may have ";parameters" for Python's urlparse.
  private static final Set<String> WITH_PARAMETERS =
      Set.of("", "ftp", "hdfs", "http", "https", "sftp");

  // Schemes with which a client would choose the host that the server talks to (mlflow 3.17.2
  // store/artifact/host_policy.py), each with its family and the ports it means when it names none.
  private static final Map<String, Hosted> HOSTED =
      Map.of(
          "ftp", new Hosted("ftp", List.of("21")),
          "sftp", new Hosted("sftp", List.of("22")),
          "hdfs", new Hosted("hdfs", List.of("")),
          "viewfs", new Hosted("hdfs", List.of("")),
          "http", new Hosted("http", List.of("80")),
          "https", new Hosted("http", List.of("443")),
          "mlflow-artifacts", new Hosted("http", List.of("80", "443")),
          "r2", new Hosted("r2", List.of("443")),
          "b2", new Hosted("b2", List.of("443")),
          "abfss", new Hosted("abfss", List.of("443")));

  private ArtifactUri() {}

  private record Hosted(String family, List<String> ports) {}

  /** A URI in the parts that matter here; absent ones are empty. */
  private record Parts(
      String scheme, String authority, String path, String query, String fragment) {

    static Parts of(String uri) {
      Matcher scheme = SCHEME.matcher(uri);
      boolean hasScheme = scheme.lookingAt();
      String rest = hasScheme ? uri.substring(scheme.end()) : uri;
      int hash = rest.indexOf('#');
      String fragment = hash < 0 ? "" : rest.substring(hash + 1);
      rest = hash < 0 ? rest : rest.substring(0, hash);
      int mark = rest.indexOf('?');
      String query = mark < 0 ? "" : rest.substring(mark + 1);
      rest = mark < 0 ? rest : rest.substring(0, mark);
      String authority = "";
      if (rest.startsWith("//")) {
        int slash = rest.indexOf('/', 2);
        authority = rest.substring(2, slash < 0 ? rest.length() : slash);
        rest = slash < 0 ? "" : rest.substring(slash);
      }
      return new Parts(
          hasScheme ? scheme.group(1).toLowerCase(Locale.ROOT) : "",
          authority,
          rest,
          query,
          fragment);
    }

    boolean hasParameters() {
      int semicolon = path.indexOf(';', path.lastIndexOf('/') + 1);
      return WITH_PARAMETERS.contains(scheme) && semicolon >= 0 && semicolon < path.length() - 1;
    }
  }

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
    Parts parts = Parts.of(uri);
    if (!parts.fragment.isEmpty() || parts.hasParameters()) {
      throw MillraceException.invalidParameter(
          "'%s' URL can't include fragments or params.".formatted(parameter));
    }
    checkQuery(parts.query);
    checkHost(parts, parameter, trusted);
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

  private static void checkHost(Parts parts, String parameter, String trusted) {
    Hosted hosted = HOSTED.get(parts.scheme);
    if (hosted == null
        || (parts.scheme.equals("mlflow-artifacts") && parts.authority.isEmpty())
        || isSameHost(parts, Parts.of(trusted))) {
      return;
    }
    throw MillraceException.invalidParameter(
        ("'%s' cannot use the '%s' scheme: the '%s' scheme addresses a host other than the tracking"
                + " server's configured artifact storage, so the server would connect to the host"
                + " named in the URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES"
                + " environment variable on the server to allow it.")
            .formatted(parameter, parts.scheme, parts.scheme));
  }

  private static boolean isSameHost(Parts one, Parts other) {
    Hosted hosted = HOSTED.get(one.scheme);
    Hosted trusted = HOSTED.get(other.scheme);
    return hosted != null
        && trusted != null
        && !other.authority.isEmpty()
        && hosted.family.equals(trusted.family)
        && one.authority.equalsIgnoreCase(other.authority)
        && hosted.ports.stream().anyMatch(trusted.ports::contains);
  }
}
