package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CPython's {@code str.format} with named texts: <code>{name}</code>, <code>{name:>10}</code>,
 * <code>{{</code> and <code>}}</code>. What would cut or rewrite a value (<code>{a.b}</code>,
 * <code>{a[0]}</code>, <code>{a!r}</code>, <code>{a:.3}</code>) is refused: values are quoted for a
 * shell, and half of a quoted word is not.
 */
final class PythonFormat {

  private static final int MAX_WIDTH = 10_000;

  private final String template;
  private final Map<String, String> values;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private PythonFormat(String template, Map<String, String> values) {
    this.template = template;
    this.values = values;
  }

  /**
   * Fills in the values.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the template is malformed, or names what
   *     there is not
   */
  static String format(String template, Map<String, String> values) {
    return new PythonFormat(template, values).format();
  }

  private String format() {
    while (at < template.length()) {
      char c = template.charAt(at++);
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (at < template.length() && template.charAt(at) == c) {
        out.append(c);
        at++;
      } else if (c == '}') {
        throw wrong("single '}' encountered");
      } else {
        field();
      }
    }
    return out.toString();
  }

  /** A field, behind its opening brace. */
  private void field() {
    int start = at;
    while (at < template.length() && "{}:!".indexOf(template.charAt(at)) < 0) {
      at++;
    }
    String name = template.substring(start, at);
    char end = next("expected '}' before the end");
    if (end == '{') {
      throw wrong("unexpected '{' in a field's name");
    }
    String value = value(name);
    if (end == '!') {
      char conversion = next("a conversion is missing after '!'");
      if (conversion != 's') {
        throw wrong("the conversion '!%c' would undo the quoting of values".formatted(conversion));
      }
      end = next("expected '}' before the end");
      if (end != '}' && end != ':') {
        throw wrong("expected ':' after the conversion");
      }
    }
    if (end == '}') {
      out.append(value);
      return;
    }
    int close = template.indexOf('}', at);
    if (close < 0) {
      throw wrong("expected '}' before the end");
    }
    String spec = template.substring(at, close);
    if (spec.indexOf('{') >= 0) {
      throw wrong("a format must not depend on a parameter");
    }
    at = close + 1;
    out.append(padded(value, spec));
  }

  private String value(String name) {
    if (name.isEmpty() || name.chars().allMatch(Character::isDigit)) {
      throw wrong("placeholders need a name, but there is {%s}".formatted(name));
    }
    String value = values.get(name);
    if (name.indexOf('.') >= 0 || name.indexOf('[') >= 0) {
      throw wrong("{%s}: parts of parameters cannot be used".formatted(name));
    }
    if (value == null) {
      throw wrong("parameter %s is not declared by the entry point".formatted(PythonText.of(name)));
    }
    return value;
  }

  /** Python's format of texts, without a precision. */
  private String padded(String value, String spec) {
    int[] points = spec.codePoints().toArray();
    int next = 0;
    int fill = ' ';
    char align = '<';
    if (points.length > 1 && isAlignment(points[1])) {
      fill = points[0];
      align = (char) points[1];
      next = 2;
    } else if (points.length > 0 && isAlignment(points[0])) {
      align = (char) points[0];
      next = 1;
    }
    if (next == 0 && points.length > 0 && points[0] == '0') {
      fill = '0';
      next = 1;
    } else if (next == 1 && points.length > 1 && points[1] == '0') {
      fill = '0';
      next = 2;
    } else if (next == 2 && points.length > 2 && points[2] == '0') {
      next = 3;
    }
    int width = 0;
    while (next < points.length && points[next] >= '0' && points[next] <= '9') {
      width = Math.min(width * 10 + points[next++] - '0', MAX_WIDTH + 1);
    }
    if (width > MAX_WIDTH) {
      throw wrong("a width is larger than %d".formatted(MAX_WIDTH));
    }
    if (next < points.length && points[next] == 's') {
      next++;
    }
    String one = Character.toString(fill);
    // A quote before a quoted word would end it.
    if (next < points.length || !(fill == ' ' || ShellQuote.of(one).equals(one))) {
      throw wrong(
          "the format '%s' is none of texts, or would undo the quoting of values".formatted(spec));
    }
    int missing = Math.max(0, width - value.codePointCount(0, value.length()));
    int before =
        switch (align) {
          case '<' -> 0;
          case '>' -> missing;
          default -> missing / 2;
        };
    return one.repeat(before) + value + one.repeat(missing - before);
  }

  private static boolean isAlignment(int c) {
    return c == '<' || c == '>' || c == '^';
  }

  private char next(String missing) {
    if (at == template.length()) {
      throw wrong(missing);
    }
    return template.charAt(at++);
  }

  private MillraceException wrong(@Nullable String problem) {
    return MillraceException.invalidParameter(
        "The command %s cannot be used: %s.".formatted(PythonText.of(template), problem));
  }
}
