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

  private PythonNumber() {}

  /** As {@code repr(float)} writes a finite number: {@code 3.0}, {@code 1e-05}, {@code 1e+16}. */
  static String format(double value) {
    double size = Math.abs(value);
    if (value == 0 || (size >= 1e-3 && size < 1e7)) {
      return Double.toString(value);
    }
    // Java's digits are the shortest ones too, but it goes scientific at other powers of ten.
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (digits.precision() == 2) {
      // Java never writes fewer than two digits, Python does: 4.9E-324 is 5e-324.
      BigDecimal one = digits.round(new MathContext(1));
      digits = one.doubleValue() == value ? one : digits;
    }
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return digits.scale() > 0 ? plain : plain + ".0";
    }
    String unscaled = digits.unscaledValue().abs().toString();
    String fraction = unscaled.length() > 1 ? "." + unscaled.substring(1) : "";
    return "%s%s%se%s%02d"
        .formatted(
            value < 0 ? "-" : "",
            unscaled.charAt(0),
            fraction,
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
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
