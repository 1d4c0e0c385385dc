package dev.millrace.gateway.transcode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as Python spells and reads them, since that is what clients compare and send. */
final class PythonNumber {

  private static final Pattern INTEGER = Pattern.compile("[+-]?\\p{Nd}+(_\\p{Nd}+)*");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?(\\p{Nd}+(_\\p{Nd}+)*\\.?(\\p{Nd}+(_\\p{Nd}+)*)?|\\.\\p{Nd}+(_\\p{Nd}+)*)"
              + "([eE][+-]?\\p{Nd}+(_\\p{Nd}+)*)?");
  private static final Pattern INFINITE = Pattern.compile("[+-]?inf(inity)?");
  private static final Pattern NOT_A_NUMBER = Pattern.compile("[+-]?nan");

  /** Only so near to zero are there numbers that one digit tells apart from their neighbours. */
  private static final double FEW_DIGITS = 1e-300;

  /** As in {@code 4.9E-324}. */
  private static final int LONGEST_EXPONENT = 5;

  private PythonNumber() {}

  /** As {@code repr(float)} writes a finite number: {@code 3.0}, {@code 1e-05}, {@code 1e+16}. */
  static String format(double value) {
    StringBuilder text = new StringBuilder();
    append(text, value);
    return text.toString();
  }

  /** Appends what {@link #format} gives. */
  static void append(StringBuilder text, double value) {
    int start = text.length();
    text.append(value);
    int e = text.indexOf("E", Math.max(start, text.length() - LONGEST_EXPONENT));
    if (e >= 0) {
      String java = text.substring(start);
      text.setLength(start);
      text.append(scientific(value, java, e - start));
    }
  }

  /**
   * @param java the number as Java writes it
   * @param e where its exponent begins
   */
  private static String scientific(double value, String java, int e) {
    // Java's digits are the shortest ones too, but it goes scientific at other powers of ten.
    int sign = value < 0 ? 1 : 0;
    int exponent = Integer.parseInt(java, e + 1, java.length(), 10);
    String digits =
        java.charAt(sign)
            + (java.startsWith("0", sign + 2) && e == sign + 3 ? "" : java.substring(sign + 2, e));
    if (digits.length() == 2 && Math.abs(value) < FEW_DIGITS) {
      // Java never writes fewer than two digits, Python does: 4.9E-324 is 5e-324.
      BigDecimal one = new BigDecimal(java).round(new MathContext(1));
      if (one.doubleValue() == value) {
        digits = one.unscaledValue().abs().toString();
        exponent = one.precision() - one.scale() - 1;
      }
    }
    StringBuilder text = new StringBuilder(24);
    if (sign > 0) {
      text.append('-');
    }
    int length = digits.length();
    if (exponent < -4 || exponent >= 16) {
      text.append(digits, 0, 1);
      if (length > 1) {
        text.append('.').append(digits, 1, length);
      }
      text.append(exponent < 0 ? "e-" : "e+");
      int size = Math.abs(exponent);
      return (size < 10 ? text.append('0') : text).append(size).toString();
    }
    if (exponent < 0) {
      return text.append("0.").repeat('0', -exponent - 1).append(digits).toString();
    }
    int whole = exponent + 1;
    return length <= whole
        ? text.append(digits).repeat('0', whole - length).append(".0").toString()
        : text.append(digits, 0, whole).append('.').append(digits, whole, length).toString();
  }

  /** What {@code int(text)} gives; null where it raises. */
  static @Nullable BigInteger parseInteger(String text) {
    String stripped = text.strip();
    return INTEGER.matcher(stripped).matches() ? new BigInteger(ascii(stripped)) : null;
  }

  /** What {@code float(text)} gives; null where it raises. */
  static @Nullable Double parseFloat(String text) {
    String stripped = text.strip();
    if (FLOAT.matcher(stripped).matches()) {
      return Double.valueOf(ascii(stripped));
    }
    String lower = stripped.toLowerCase(Locale.ROOT);
    if (INFINITE.matcher(lower).matches()) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return NOT_A_NUMBER.matcher(lower).matches() ? Double.NaN : null;
  }

  /** Without underscores, and with the digits of other scripts in ASCII. */
  private static String ascii(String number) {
    StringBuilder text = new StringBuilder(number.length());
    number
        .codePoints()
        .filter(c -> c != '_')
        .forEach(
            c -> text.appendCodePoint(Character.isDigit(c) ? '0' + Character.digit(c, 10) : c));
    return text.toString();
  }
}
