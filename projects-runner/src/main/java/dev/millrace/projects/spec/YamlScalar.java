package dev.millrace.projects.spec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * What a scalar of YAML 1.1 stands for, by the rules of PyYAML 6.0 ({@code resolver.py}, {@code
 * constructor.py}): {@code 1e3} is a text there, {@code 017} is 15 and {@code off} is false.
 */
final class YamlScalar {

  /** Python reads no longer number. */
  private static final int MAX_DIGITS = 4300;

  private YamlScalar() {}

  /** Finds the kind of a plain scalar by its look. */
  static final class Kinds extends Resolver {

    private static final Pattern BOOL =
        Pattern.compile(
            "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF");
    private static final Pattern FLOAT =
        Pattern.compile(
            "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                + "|[-+]?\\.(?:inf|Inf|INF)"
                + "|\\.(?:nan|NaN|NAN)");
    private static final Pattern INT =
        Pattern.compile(
            "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
                + "|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+");
    private static final Pattern MERGE = Pattern.compile("<<");
    private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
    private static final Pattern TIMESTAMP =
        Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}"
                + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \\t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
                + "(?:\\.[0-9]*)?(?:[ \\t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?");
    private static final Pattern VALUE = Pattern.compile("=");

    @Override
    public Tag resolve(NodeId kind, String value, boolean implicit) {
      // No number is longer.
      return kind == NodeId.scalar && value.length() > MAX_DIGITS + 2
          ? Tag.STR
          : super.resolve(kind, value, implicit);
    }

    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
      addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
      addImplicitResolver(Tag.INT, INT, "-+0123456789");
      addImplicitResolver(Tag.MERGE, MERGE, "<");
      // The empty text begins with no character: it is looked up as U+0000.
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.TIMESTAMP, TIMESTAMP, "0123456789");
      addImplicitResolver(VALUE_TAG, VALUE, "=");
    }
  }

  static final Tag VALUE_TAG = new Tag(Tag.PREFIX + "value");

  /**
   * The value of a scalar.
   *
   * @return null, or a Boolean, BigInteger, Double, String, PythonTime or byte[]
   * @throws IllegalArgumentException if the text is no value of that kind, or the kind is unknown
   */
  static @Nullable Object value(Tag tag, String text) {
    if (tag.equals(Tag.STR)) {
      return text;
    } else if (tag.equals(Tag.NULL)) {
      return null;
    } else if (tag.equals(Tag.BOOL)) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "yes", "true", "on" -> true;
        case "no", "false", "off" -> false;
        default -> throw new IllegalArgumentException("not a boolean");
      };
    } else if (tag.equals(Tag.INT)) {
      return integer(text.replace("_", ""));
    } else if (tag.equals(Tag.FLOAT)) {
      return decimal(text.replace("_", "").toLowerCase(Locale.ROOT));
    } else if (tag.equals(Tag.TIMESTAMP)) {
      try {
        return PythonTime.parse(text);
      } catch (DateTimeException e) {
        throw new IllegalArgumentException("there is no such time", e);
      }
    } else if (tag.equals(Tag.BINARY)) {
      return Base64.getMimeDecoder().decode(text.getBytes(StandardCharsets.UTF_8));
    }
    throw new IllegalArgumentException(
        "could not determine a constructor for the tag '%s'".formatted(tag.getValue()));
  }

  private static BigInteger integer(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    BigInteger size;
    if (digits.startsWith("0b")) {
      size = integer(digits.substring(2), 2);
    } else if (digits.startsWith("0x")) {
      size = integer(digits.substring(2), 16);
    } else if (digits.startsWith("0")) {
      size = integer(digits, 8);
    } else {
      size = BigInteger.ZERO;
      for (String part : digits.split(":", -1)) {
        size = size.multiply(BigInteger.valueOf(60)).add(integer(part, 10));
      }
    }
    return text.startsWith("-") ? size.negate() : size;
  }

  private static BigInteger integer(String digits, int radix) {
    if (digits.length() > MAX_DIGITS) {
      throw new IllegalArgumentException("the number has more than 4300 digits");
    }
    if (digits.startsWith("-") || digits.startsWith("+")) {
      throw new IllegalArgumentException("not an integer");
    }
    return new BigInteger(digits, radix);
  }

  private static double decimal(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    double size =
        switch (digits) {
          case ".inf" -> Double.POSITIVE_INFINITY;
          case ".nan" -> Double.NaN;
          default -> sixties(digits.split(":", -1));
        };
    return text.startsWith("-") ? -size : size;
  }

  /** Adds from the end, as PyYAML does, so that rounding is the same. */
  private static double sixties(String[] parts) {
    double sum = 0;
    double base = 1;
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].matches("[0-9]*\\.?[0-9]*(e[-+]?[0-9]+)?")) {
        throw new IllegalArgumentException("not a number");
      }
      double part = Double.parseDouble(parts[i]);
      if (parts.length == 1) {
        return part;
      }
      sum += part * base;
      base *= 60;
    }
    return sum;
  }
}
