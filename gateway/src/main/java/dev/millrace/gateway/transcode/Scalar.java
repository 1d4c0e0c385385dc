package dev.millrace.gateway.transcode;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON value into a scalar field by the rules of Python's {@code json_format.py}. Where
 * that gives up on the rest of the message (numbers without quotes that are no finite numbers,
 * fractions, numbers out of range), a value is either taken for what it means or refused; nothing
 * is dropped.
 */
@FunctionalInterface
interface Scalar {

  /**
   * The value for a protobuf builder; null leaves the field as it is.
   *
   * @throws Mismatch if the value does not fit
   */
  @Nullable Object read(Object value) throws Mismatch;

  /**
   * The reader of a field's type.
   *
   * @throws IllegalStateException if no contract used that type so far
   */
  static Scalar of(FieldDescriptor field) {
    return switch (field.getType()) {
      case STRING -> Scalar::string;
      case BOOL -> Scalar::bool;
      case DOUBLE -> Scalar::number;
      case INT64 -> value -> integer(value, Long.MIN_VALUE, Long.MAX_VALUE);
      case INT32 -> value -> (int) integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case ENUM -> value -> constant(field.getEnumType(), value);
      default ->
          throw new IllegalStateException(
              "%s: the transcoder does not read %s yet"
                  .formatted(field.getFullName(), field.getType()));
    };
  }

  private static String string(Object value) throws Mismatch {
    if (value instanceof String text && isWellFormed(text)) {
      return text;
    }
    throw Mismatch.of(value);
  }

  private static Boolean bool(Object value) throws Mismatch {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw Mismatch.of(value);
  }

  private static Double number(Object value) throws Mismatch {
    Double number =
        switch (value) {
          case Double d -> d;
          case Long l -> Double.valueOf(l);
          case BigInteger big -> big.doubleValue();
          case Boolean flag -> flag ? 1.0 : 0.0;
          case String text -> PythonNumber.parseFloat(text);
          default -> null;
        };
    if (number == null) {
      throw Mismatch.of(value);
    }
    return number;
  }

  private static long integer(Object value, long least, long most) throws Mismatch {
    BigInteger number =
        switch (value) {
          case Long l -> BigInteger.valueOf(l);
          case BigInteger big -> big;
          case Double d -> whole(d);
          case String text when text.indexOf(' ') < 0 -> {
            BigInteger plain = PythonNumber.parseInteger(text);
            yield plain == null ? whole(PythonNumber.parseFloat(text)) : plain;
          }
          default -> null;
        };
    if (number == null
        || number.compareTo(BigInteger.valueOf(least)) < 0
        || number.compareTo(BigInteger.valueOf(most)) > 0) {
      throw Mismatch.of(value);
    }
    return number.longValue();
  }

  private static @Nullable BigInteger whole(@Nullable Double number) {
    return number == null || !Double.isFinite(number) || number != Math.rint(number)
        ? null
        : new BigDecimal(number).toBigIntegerExact();
  }

  /** A name or number; an unknown name is ignored, as MLflow does. */
  private static @Nullable EnumValueDescriptor constant(EnumDescriptor type, Object value)
      throws Mismatch {
    if (value instanceof String name) {
      EnumValueDescriptor named = type.findValueByName(name);
      if (named != null && named.getNumber() != 0) {
        return named;
      }
      BigInteger number = PythonNumber.parseInteger(name);
      return number == null ? null : numbered(type, number, value);
    }
    BigInteger number =
        switch (value) {
          case Long l -> BigInteger.valueOf(l);
          case Double d when Double.isFinite(d) -> new BigDecimal(d).toBigInteger();
          case Boolean flag -> flag ? BigInteger.ONE : BigInteger.ZERO;
          default -> throw Mismatch.of(value);
        };
    return numbered(type, number, value);
  }

  /** Zero is our "not set", which MLflow's enums do not have. */
  private static EnumValueDescriptor numbered(EnumDescriptor type, BigInteger number, Object value)
      throws Mismatch {
    EnumValueDescriptor constant =
        number.bitLength() < Integer.SIZE ? type.findValueByNumber(number.intValue()) : null;
    if (constant == null || constant.getNumber() == 0) {
      throw Mismatch.of(value);
    }
    return constant;
  }

  /** Whether each half of a surrogate pair has its other half: protobuf text is UTF-8. */
  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
