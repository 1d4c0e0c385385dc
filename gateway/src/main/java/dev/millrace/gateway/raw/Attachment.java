package dev.millrace.gateway.raw;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * {@code Content-Disposition} of a file that a browser saves instead of showing it, which would run
 * its scripts as ours (mlflow 3.17.2 {@code _content_disposition_attachment}).
 */
final class Attachment {

  private static final String TOKEN = "!#$%&'*+-.^_`|~";
  private static final String EXTENDED = "!#$&+-.^_`|~";

  private Attachment() {}

  /** The header's value; a name beyond ASCII is told twice, in letters alike and encoded. */
  static String named(String name) {
    if (isAscii(name)) {
      return "attachment; filename=" + quoted(name);
    }
    String alike =
        Normalizer.normalize(name, Normalizer.Form.NFKD).replaceAll("[^\\x00-\\x7f]", "");
    return "attachment; filename=%s; filename*=UTF-8''%s"
        .formatted(quoted(alike.isEmpty() ? "download" : alike), encoded(name));
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private static String quoted(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> isLetterOrDigit(c) || has(TOKEN, c))
        ? text
        : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (isLetterOrDigit(b) || has(EXTENDED, b)) {
        encoded.append((char) b);
      } else {
        encoded.append("%%%02X".formatted(b & 0xff));
      }
    }
    return encoded.toString();
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static boolean has(String characters, int c) {
    return c > 0 && characters.indexOf(c) >= 0;
  }
}
