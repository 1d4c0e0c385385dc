package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A path that stays below the place it is relative to.
 *
 * @param text as clients see it in messages: decoded, but not normalised
 * @param key segments joined by {@code /}, without empty ones and {@code .}; empty for the root
 */
record ArtifactPath(String text, String key) {

  static final ArtifactPath ROOT = new ArtifactPath("", "");

  /** How often a path may be percent-encoded upon itself before it is refused. */
  private static final int DECODINGS = 10;

  /**
   * Reads what a client sent, once the HTTP layer has decoded it, by the rules of mlflow 3.17.2
   * {@code utils/uri.py} ({@code validate_path_is_safe}): it is decoded until that changes nothing,
   * control characters become escapes, and then a parent segment, an absolute path of POSIX or
   * Windows and any {@code #} are refused.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE "Invalid path"
   */
  static ArtifactPath parse(String hostile) {
    String path = escapeControls(decode(hostile));
    if (path.indexOf('#') >= 0) {
      throw invalid();
    }
    Uri uri = Uri.parse(path);
    if (uri.scheme().equals("file")) {
      path = unquote(uri.path());
    }
    if (path.startsWith("/") || isAbsoluteOnWindows(path)) {
      throw invalid();
    }
    return of(path);
  }

  /**
   * A path that needs no decoding, normalised.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if a segment is the parent
   */
  static ArtifactPath of(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        throw invalid();
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return new ArtifactPath(path, String.join("/", segments));
  }

  static MillraceException invalid() {
    return MillraceException.invalidParameter("Invalid path");
  }

  /** {@code relative} below this path, spelt as {@code posixpath.join} would. */
  ArtifactPath resolve(ArtifactPath relative) {
    return of(join(text, relative.text));
  }

  /** {@code posixpath.join} of two relative paths. */
  static String join(String head, String tail) {
    return head.isEmpty() || head.endsWith("/") ? head + tail : head + "/" + tail;
  }

  boolean isRoot() {
    return key.isEmpty();
  }

  /** Whether the client spelt it as a directory. */
  boolean endsWithSlash() {
    return text.endsWith("/");
  }

  /** The last segment; empty for the root. */
  String name() {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  /** What is before the last slash as spelt, without the slashes at its end; empty if nothing. */
  String head() {
    String head = text.substring(0, text.lastIndexOf('/') + 1);
    int end = head.length();
    while (end > 0 && head.charAt(end - 1) == '/') {
      end--;
    }
    return head.substring(0, end);
  }

  /** What is after the last slash as spelt. */
  String tail() {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  private static String decode(String text) {
    String url = text;
    for (int i = 0; i < DECODINGS; i++) {
      String decoded = Uri.parse(unquote(url)).unparse();
      if (decoded.equals(url)) {
        return url;
      }
      url = decoded;
    }
    throw invalid();
  }

  /** Percent-decoding of {@code urllib.parse.unquote}: what is no escape stays as it is. */
  private static String unquote(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder(text.length());
    ByteArrayOutputStream ascii = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (low >= 0 && text.charAt(i + 1) < 128 && text.charAt(i + 2) < 128) {
        ascii.write(high << 4 | low);
        i += 2;
      } else if (c < 128) {
        ascii.write(c);
      } else {
        decoded.append(ascii.toString(StandardCharsets.UTF_8)).append(c);
        ascii.reset();
      }
    }
    return decoded.append(ascii.toString(StandardCharsets.UTF_8)).toString();
  }

  private static String escapeControls(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 127) {
        escaped.append("%%%02x".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /**
   * {@code pathlib.PureWindowsPath.is_absolute}: a drive and a root, as in {@code C:\x}, {@code
   * \\host\share\x} or their extended forms after {@code \\?\}.
   */
  private static boolean isAbsoluteOnWindows(String path) {
    String part = path.replace('/', '\\');
    boolean extended = part.startsWith("\\\\?\\");
    if (extended) {
      part = part.substring(4);
      if (part.startsWith("UNC\\")) {
        part = "\\" + part.substring(3);
      }
    }
    if (part.startsWith("\\\\") && !part.startsWith("\\\\\\")) {
      int share = part.indexOf('\\', 2);
      if (share >= 0 && part.indexOf('\\', share + 1) != share + 1) {
        return true;
      }
    }
    boolean drive = part.length() >= 2 && part.charAt(1) == ':' && isLetter(part.charAt(0));
    return (drive || extended) && part.startsWith("\\", drive ? 2 : 0);
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
