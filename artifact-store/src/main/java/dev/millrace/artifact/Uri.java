package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import java.util.Locale;
import java.util.Set;

/**
 * A URI taken apart as Python's {@code urllib.parse.urlparse} does. {@code java.net.URI} rejects
 * much of what clients send, and MLflow's path rules follow from what Python's parser changes:
 * leading blanks and all tabs and line breaks vanish, the scheme is put in lower case, empty
 * queries and fragments are dropped.
 *
 * @param scheme in lower case; empty if none
 * @param authority host, port and user; empty if none
 */
record Uri(String scheme, String authority, String path, String query, String fragment) {

  private static final Set<String> SCHEMES_WITH_AUTHORITY =
      Set.of(
          "ftp",
          "http",
          "gopher",
          "nntp",
          "telnet",
          "imap",
          "wais",
          "file",
          "mms",
          "https",
          "shttp",
          "snews",
          "prospero",
          "rtsp",
          "rtsps",
          "rtspu",
          "rsync",
          "svn",
          "svn+ssh",
          "sftp",
          "nfs",
          "git",
          "git+ssh",
          "ws",
          "wss");

  private static final Set<String> SCHEMES_WITH_PARAMETERS =
      Set.of(
          "",
          "ftp",
          "hdl",
          "prospero",
          "http",
          "imap",
          "https",
          "shttp",
          "rtsp",
          "rtsps",
          "rtspu",
          "sip",
          "sips",
          "mms",
          "sftp",
          "tel");

  /**
   * Takes {@code text} apart.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the authority has an unpaired bracket
   */
  static Uri parse(String text) {
    String rest = withoutControls(text);
    String scheme = "";
    int colon = rest.indexOf(':');
    if (colon > 0 && isScheme(rest.substring(0, colon))) {
      scheme = rest.substring(0, colon).toLowerCase(Locale.ROOT);
      rest = rest.substring(colon + 1);
    }
    String authority = "";
    if (rest.startsWith("//")) {
      int end = firstOf(rest, "/?#", 2);
      authority = rest.substring(2, end);
      rest = rest.substring(end);
      if (authority.contains("[") != authority.contains("]")) {
        throw ArtifactPath.invalid();
      }
    }
    String fragment = "";
    int hash = rest.indexOf('#');
    if (hash >= 0) {
      fragment = rest.substring(hash + 1);
      rest = rest.substring(0, hash);
    }
    String query = "";
    int mark = rest.indexOf('?');
    if (mark >= 0) {
      query = rest.substring(mark + 1);
      rest = rest.substring(0, mark);
    }
    return new Uri(scheme, authority, withoutEmptyParameters(scheme, rest), query, fragment);
  }

  /** The URI put together again, as {@code urllib.parse.urlunparse} does. */
  String unparse() {
    StringBuilder text = new StringBuilder();
    if (!scheme.isEmpty()) {
      text.append(scheme).append(':');
    }
    if (!authority.isEmpty()
        || (SCHEMES_WITH_AUTHORITY.contains(scheme) && !path.startsWith("//"))) {
      text.append("//").append(authority);
      if (!path.isEmpty() && !path.startsWith("/")) {
        text.append('/');
      }
    }
    text.append(path);
    if (!query.isEmpty()) {
      text.append('?').append(query);
    }
    if (!fragment.isEmpty()) {
      text.append('#').append(fragment);
    }
    return text.toString();
  }

  /** {@code path} without the slashes at its start. */
  static String withoutSlashes(String path) {
    int start = 0;
    while (start < path.length() && path.charAt(start) == '/') {
      start++;
    }
    return path.substring(start);
  }

  private static String withoutControls(String text) {
    int start = 0;
    while (start < text.length() && text.charAt(start) <= ' ') {
      start++;
    }
    return text.substring(start).replace("\t", "").replace("\r", "").replace("\n", "");
  }

  private static boolean isScheme(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (!letter && (i == 0 || !other)) {
        return false;
      }
    }
    return true;
  }

  private static int firstOf(String text, String characters, int from) {
    for (int i = from; i < text.length(); i++) {
      if (characters.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return text.length();
  }

  /** A {@code ;} that ends the last segment's name announces parameters; without any it is lost. */
  private static String withoutEmptyParameters(String scheme, String path) {
    int semicolon = path.indexOf(';', Math.max(path.lastIndexOf('/'), 0));
    return SCHEMES_WITH_PARAMETERS.contains(scheme)
            && semicolon >= 0
            && semicolon == path.length() - 1
        ? path.substring(0, semicolon)
        : path;
  }
}
