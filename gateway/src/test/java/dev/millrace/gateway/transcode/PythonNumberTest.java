package dev.millrace.gateway.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonNumberTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0",
        "-0.0",
        "3.0",
        "0.1",
        "-0.5",
        "1e-05",
        "0.0001",
        "0.00012345",
        "1.5e-07",
        "1e+16",
        "1234567890123456.0",
        "9999999999999998.0",
        "1.2345e+16",
        "-1e+22",
        "12345678.9",
        "1e-10",
        "100000000.0",
        "1.7976931348623157e+308",
        "5e-324",
        "2.2250738585072014e-308",
        "1e+100"
      })
  void writesAsPythonDoes(String text) {
    assertThat(PythonNumber.format(Double.parseDouble(text))).isEqualTo(text);
  }

  @Test
  void writesTheShortestDigitsOfAnyNumber() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      double any = Double.longBitsToDouble(random.nextLong());
      double subnormal = Double.longBitsToDouble(random.nextLong() >>> (12 + random.nextInt(50)));
      double shorter = random.nextInt(1000) * Math.pow(10, random.nextInt(44) - 22);
      for (double value : new double[] {any, subnormal, shorter, -shorter}) {
        if (Double.isFinite(value)) {
          assertThat(PythonNumber.format(value)).isEqualTo(byDecimals(value));
        }
      }
    }
  }

  /** The same by arithmetic instead of moving digits. */
  private static String byDecimals(double value) {
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (value == 0) {
      return Double.toString(value);
    }
    if (digits.precision() == 2) {
      BigDecimal one = digits.round(new MathContext(1));
      digits = one.doubleValue() == value ? one : digits;
    }
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return digits.scale() > 0 ? plain : plain + ".0";
    }
    String unscaled = digits.unscaledValue().abs().toString();
    return "%s%s%se%s%02d"
        .formatted(
            value < 0 ? "-" : "",
            unscaled.charAt(0),
            unscaled.length() > 1 ? "." + unscaled.substring(1) : "",
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
  }

  @ParameterizedTest
  @CsvSource({"5,5", "+5,5", "-5,-5", "05,5", "1_000,1000", "\u0665,5", "' 7\t',7"})
  void readsIntegersAsPythonDoes(String text, long value) {
    assertThat(PythonNumber.parseInteger(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5.0", "0x5", "1__0", "_1", "five", "1 2"})
  void refusesWhatPythonRefuses(String text) {
    assertThat(PythonNumber.parseInteger(text)).isNull();
  }

  @Test
  void readsFloatsAsPythonDoes() {
    assertThat(PythonNumber.parseFloat("1e309")).isInfinite();
    assertThat(PythonNumber.parseFloat("-Infinity")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(PythonNumber.parseFloat("+inf")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(PythonNumber.parseFloat("NaN")).isNaN();
    assertThat(PythonNumber.parseFloat(".5")).isEqualTo(0.5);
    assertThat(PythonNumber.parseFloat("5.")).isEqualTo(5.0);
    assertThat(PythonNumber.parseFloat("1_0.0_1e1")).isEqualTo(100.1);
    for (String wrong : new String[] {"1,5", "1f", "1d", "0x1p3", "", ".", "e5", "1e"}) {
      assertThat(PythonNumber.parseFloat(wrong)).as(wrong).isNull();
    }
  }
}
