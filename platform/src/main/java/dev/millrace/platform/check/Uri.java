package dev.millrace.platform.check;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URI, or a path, in the parts that Python's {@code urlsplit} sees: what MLflow decides by.
 * Absent parts are empty; nothing is refused.
 *
 * @param scheme in lower case
 * @param authority with user and port, as written
 */
public record Uri(String scheme, String authority, String path, String query, String fragment) {

  /** Text that is escaped more often than this is no name, but an attempt to keep us busy. */
  private static final int MAX_DECODINGS = 100;

  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):");
  private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9a-fA-F]{2})+");

  /** Takes a URI apart. */
  public static Uri parse(String text) {
    return parse(text, true);
  }

  /** Takes a URI apart in which {@code #} begins no fragment. */
  public static Uri parseWithoutFragment(String text) {
    return parse(text, false);
  }

  private static Uri parse(String text, boolean hasFragment) {
    String rest = plain(text);
    Matcher matcher = SCHEME.matcher(rest);
    String scheme = "";
    if (matcher.lookingAt()) {
      scheme = matcher.group(1).toLowerCase(Locale.ROOT);
      rest = rest.substring(matcher.end());
    }
    String authority = "";
    if (rest.startsWith("//")) {
      int end = 2;
      while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
        end++;
      }
      authority = rest.substring(2, end);
      rest = rest.substring(end);
    }
    int hash = hasFragment ? rest.indexOf('#') : -1;
    String fragment = hash < 0 ? "" : rest.substring(hash + 1);
    rest = hash < 0 ? rest : rest.substring(0, hash);
    int mark = rest.indexOf('?');
    String query = mark < 0 ? "" : rest.substring(mark + 1);
    return new Uri(scheme, authority, mark < 0 ? rest : rest.substring(0, mark), query, fragment);
  }

  /** The host in lower case, without user and port. */
  public String host() {
    String host = authority.substring(authority.lastIndexOf('@') + 1);
    int bracket = host.indexOf('[');
    if (bracket >= 0) {
      int end = host.indexOf(']', bracket);
      host = host.substring(bracket + 1, end < 0 ? host.length() : end);
    } else if (host.indexOf(':') >= 0) {
      host = host.substring(0, host.indexOf(':'));
    }
    return host.toLowerCase(Locale.ROOT);
  }

  /** Replaces the escapes ({@code %2F}) of a text, which may show others. */
  public static String decode(String text) {
    return text.indexOf('%') < 0
        ? text
        : ESCAPES
            .matcher(text)
            .replaceAll(escapes -> Matcher.quoteReplacement(characters(escapes.group())));
  }

  /**
   * Replaces escapes until none is left; null if that takes too long.
   *
   * @param isForm whether {@code +} stands for a space
   */
  public static @Nullable String decodeFully(String text, boolean isForm) {
    String decoded = text;
    for (int i = 0; i < MAX_DECODINGS; i++) {
      String next = decode(isForm ? decoded.replace('+', ' ') : decoded);
      if (next.equals(decoded)) {
        return decoded;
      }
      decoded = next;
    }
    return null;
  }

  private static String characters(String escapes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(escapes.length() / 3);
    for (int i = 1; i < escapes.length(); i += 3) {
      bytes.write(Integer.parseInt(escapes, i, i + 2, 16));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Without what {@code urlsplit} overlooks: control characters in front, line ends anywhere. */
  private static String plain(String text) {
    int start = 0;
    while (start < text.length() && text.charAt(start) <= ' ') {
      start++;
    }
    StringBuilder plain = new StringBuilder(text.length() - start);
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\t' && c != '\r' && c != '\n') {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
