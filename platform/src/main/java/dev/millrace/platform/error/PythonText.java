package dev.millrace.platform.error;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as Python prints them ({@code repr}), since MLflow's messages quote what they are about in
 * this form.
 */
public final class PythonText {

  private PythonText() {}

  /**
   * Prints {@code value}: a string, number, boolean, null, byte array, list, set (any other
   * collection) or map of such.
   */
  public static String of(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  /** Prints a string as {@code json.dumps} does: quoted, and escaped where it is not ASCII. */
  public static String json(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (!escaped(out, c)) {
            if (c >= ' ' && c < 0x7f) {
              out.append(c);
            } else {
              out.append("\\u%04x".formatted((int) c));
            }
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /** Prints a tuple, whose elements are printed already. */
  public static String tuple(List<String> elements) {
    return elements.size() == 1
        ? "(" + elements.getFirst() + ",)"
        : "(" + String.join(", ", elements) + ")";
  }

  private static void append(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("None");
      case String text -> append(out, text);
      case Double number -> appendNumber(out, number);
      case Boolean truth -> out.append(truth ? "True" : "False");
      case byte[] bytes -> append(out, bytes);
      case List<?> list -> append(out, '[', list, ']');
      case Collection<?> set -> append(out, '{', set, '}');
      case Map<?, ?> map -> append(out, map);
      default -> out.append(value);
    }
  }

  private static void append(StringBuilder out, char open, Collection<?> elements, char close) {
    out.append(open);
    for (Iterator<?> all = elements.iterator(); all.hasNext(); ) {
      append(out, all.next());
      if (all.hasNext()) {
        out.append(", ");
      }
    }
    out.append(close);
  }

  private static void append(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      append(out, entry.getKey());
      out.append(": ");
      append(out, entry.getValue());
      separator = ", ";
    }
    out.append('}');
  }

  private static void appendNumber(StringBuilder out, double number) {
    if (!Double.isFinite(number)) {
      out.append(Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf");
      return;
    }
    // Java and Python agree on the digits, not on when to write an exponent.
    BigDecimal digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    if (digits.precision() == 2) {
      // Java writes two where one is enough, if they are closer.
      BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_EVEN));
      digits = one.doubleValue() == number ? one.stripTrailingZeros() : digits;
    }
    int exponent = digits.precision() - digits.scale() - 1;
    if (number == 0 || (exponent >= -4 && exponent < 16)) {
      String plain = number == 0 ? Double.toString(number) : digits.toPlainString();
      out.append(plain).append(plain.indexOf('.') < 0 ? ".0" : "");
      return;
    }
    String mantissa = digits.movePointLeft(exponent).toPlainString();
    out.append(mantissa).append("e%+03d".formatted(exponent));
  }

  private static void append(StringBuilder out, String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                out.append('\\').append((char) c);
              } else if (!escaped(out, c)) {
                if (isPrintable(c)) {
                  out.appendCodePoint(c);
                } else {
                  out.append(
                      c <= 0xff
                          ? "\\x%02x".formatted(c)
                          : c <= 0xffff ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
                }
              }
            });
    out.append(quote);
  }

  private static void append(StringBuilder out, byte[] bytes) {
    char quote = '\'';
    for (byte b : bytes) {
      if (b == '"') {
        quote = '\'';
        break;
      }
      if (b == '\'') {
        quote = '"';
      }
    }
    out.append('b').append(quote);
    for (byte b : bytes) {
      int c = b & 0xff;
      if (c == quote || c == '\\') {
        out.append('\\').append((char) c);
      } else if (!escaped(out, c)) {
        if (c >= ' ' && c < 0x7f) {
          out.append((char) c);
        } else {
          out.append("\\x%02x".formatted(c));
        }
      }
    }
    out.append(quote);
  }

  private static boolean escaped(StringBuilder out, int c) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
