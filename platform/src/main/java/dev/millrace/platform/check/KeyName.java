package dev.millrace.platform.check;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What the key of a metric, param or tag may look like: letters, digits and a few signs, and no
 * path that names another one (mlflow 3.17.2 {@code utils/validation.py}).
 */
public final class KeyName {

  /** The most characters of a key. */
  public static final int MAX_CHARACTERS = 250;

  private static final String BAD_CHARACTER =
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ),"
          + " colon(:) and slashes (/).";

  private KeyName() {}

  /**
   * Checks a key.
   *
   * @param parameter the parameter that holds {@code name}, as the error names it
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  public static void check(String name, String parameter) {
    int length = name.length();
    // Python's "$", with which MLflow ends its pattern, looks past a last line feed.
    int end = name.endsWith("\n") ? length - 1 : length;
    boolean plain = length > 0;
    for (int i = 0; i < end; ) {
      int c = name.codePointAt(i);
      if (!isAllowed(c)) {
        throw invalid(parameter, name, BAD_CHARACTER);
      }
      plain &= c != '/' && c != '.';
      i += Character.charCount(c);
    }
    if (!plain) {
      checkPath(name, parameter);
    }
  }

  /**
   * Checks that a name, read as a path, leads to no other name.
   *
   * @param parameter the parameter that holds {@code name}, as the error names it
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  public static void checkPath(String name, String parameter) {
    String normal = normalise(name);
    if (!normal.equals(name)
        || normal.equals(".")
        || normal.startsWith("..")
        || normal.startsWith("/")) {
      throw invalid(
          parameter,
          name,
          "Names may be treated as files in certain cases, and must not resolve to other names when"
              + " treated as such. This name would resolve to "
              + PythonText.of(normal));
    }
  }

  private static MillraceException invalid(String parameter, String name, String reason) {
    return MillraceException.invalidParameter(
        "Invalid value %s for parameter '%s' supplied: %s"
            .formatted(PythonText.json(name), parameter, reason));
  }

  private static boolean isAllowed(int c) {
    return switch (c) {
      case '/', '_', '.', '-', ' ', ':' -> true;
      default ->
          c < 0x80
              ? (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
              : isAlphanumeric(c);
    };
  }

  /** Whether Python counts a character among letters and digits of any script. */
  public static boolean isAlphanumeric(int c) {
    return switch (Character.getType(c)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> Character.isLetter(c);
    };
  }

  /** The path that {@code path} leads to, as Python's {@code posixpath.normpath} tells it. */
  private static String normalise(String path) {
    if (path.isEmpty()) {
      return ".";
    }
    // POSIX gives exactly two leading slashes a meaning of their own.
    String root =
        !path.startsWith("/") ? "" : path.startsWith("//") && !path.startsWith("///") ? "//" : "/";
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      boolean up = part.equals("..");
      if (!up || (parts.isEmpty() ? root.isEmpty() : parts.getLast().equals(".."))) {
        parts.addLast(part);
      } else {
        parts.pollLast();
      }
    }
    String normal = root + String.join("/", parts);
    return normal.isEmpty() ? "." : normal;
  }
}
