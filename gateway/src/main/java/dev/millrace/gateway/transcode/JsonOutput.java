package dev.millrace.gateway.transcode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Writes JSON as UTF-8 through a buffer of fixed size. It knows the tokens; commas, colons and
 * brackets are the caller's. Text is escaped as Jackson does it by default, and doubles are as
 * MLflow spells them.
 */
final class JsonOutput {

  private static final int BUFFER_BYTES = 8 << 10;

  /** Chars of a text that are written in one go; each takes a byte as long as none is special. */
  private static final int RUN = 1 << 10;

  /** The longest encoding of a char, {@code \}{@code u0000}, and of a long. */
  private static final int LONGEST_CHAR = 6;

  private static final int LONGEST_NUMBER = 24;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

  /** The one number whose absolute value is no long. */
  private static final byte[] SMALLEST =
      Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

  /** The digits of 0 to 99, two each. */
  private static final byte[] PAIRS =
      IntStream.range(0, 100)
          .mapToObj("%02d"::formatted)
          .collect(Collectors.joining())
          .getBytes(StandardCharsets.US_ASCII);

  private static final long[] POWERS = LongStream.iterate(1, p -> p * 10).limit(19).toArray();

  /** Below this, a double that is whole has no shorter spelling than its digits. */
  private static final double MOST_WHOLE = 1e15;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final StringBuilder decimal = new StringBuilder();
  private int end;

  JsonOutput(OutputStream out) {
    this.out = out;
  }

  /** Passes on what is in the buffer. */
  void flush() throws IOException {
    out.write(buffer, 0, end);
    end = 0;
  }

  /** Writes a character of ASCII as it is. */
  void raw(char c) throws IOException {
    reserve(1);
    buffer[end++] = (byte) c;
  }

  /** Writes bytes that are JSON already, beginning with the one at {@code from}. */
  void raw(byte[] bytes, int from) throws IOException {
    int length = bytes.length - from;
    if (length > BUFFER_BYTES) {
      flush();
      out.write(bytes, from, length);
      return;
    }
    reserve(length);
    System.arraycopy(bytes, from, buffer, end, length);
    end += length;
  }

  void flag(boolean value) throws IOException {
    raw(value ? TRUE : FALSE, 0);
  }

  void number(long value) throws IOException {
    if (value == Long.MIN_VALUE) {
      raw(SMALLEST, 0);
      return;
    }
    reserve(LONGEST_NUMBER);
    if (value < 0) {
      buffer[end++] = '-';
    }
    digits(Math.abs(value));
  }

  /** A number as Python's {@code repr} has it; what is not finite becomes text. */
  void number(double value) throws IOException {
    if (value == (long) value && Math.abs(value) < MOST_WHOLE && (value != 0 || 1 / value > 0)) {
      number((long) value);
      raw('.');
      raw('0');
    } else if (Double.isFinite(value)) {
      decimal.setLength(0);
      PythonNumber.append(decimal, value);
      plain(decimal);
    } else {
      text(Double.toString(value));
    }
  }

  /** A text with its quotes. */
  void text(String text) throws IOException {
    raw('"');
    int length = text.length();
    int i = 0;
    while (i < length) {
      int stop = Math.min(length, i + RUN);
      reserve(stop - i);
      int at = end;
      while (i < stop && isPlain(text.charAt(i))) {
        buffer[at++] = (byte) text.charAt(i++);
      }
      end = at;
      if (i < stop) {
        special(text.charAt(i++));
      }
    }
    raw('"');
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
  }

  private void special(char c) throws IOException {
    reserve(LONGEST_CHAR);
    switch (c) {
      case '"', '\\' -> escape((byte) c);
      case '\b' -> escape((byte) 'b');
      case '\t' -> escape((byte) 't');
      case '\n' -> escape((byte) 'n');
      case '\f' -> escape((byte) 'f');
      case '\r' -> escape((byte) 'r');
      default -> {
        if (c < ' ' || Character.isSurrogate(c)) {
          escape((byte) 'u');
          for (int shift = 12; shift >= 0; shift -= 4) {
            buffer[end++] = HEX[(c >> shift) & 0xf];
          }
        } else if (c < 0x800) {
          buffer[end++] = (byte) (0xc0 | (c >> 6));
          buffer[end++] = (byte) (0x80 | (c & 0x3f));
        } else {
          buffer[end++] = (byte) (0xe0 | (c >> 12));
          buffer[end++] = (byte) (0x80 | ((c >> 6) & 0x3f));
          buffer[end++] = (byte) (0x80 | (c & 0x3f));
        }
      }
    }
  }

  private void escape(byte c) {
    buffer[end++] = '\\';
    buffer[end++] = c;
  }

  private void digits(long value) {
    int at = end + length(value);
    end = at;
    long rest = value;
    while (rest >= 100) {
      int pair = (int) (rest % 100) << 1;
      rest /= 100;
      buffer[--at] = PAIRS[pair + 1];
      buffer[--at] = PAIRS[pair];
    }
    int pair = (int) rest << 1;
    buffer[--at] = PAIRS[pair + 1];
    if (rest >= 10) {
      buffer[--at] = PAIRS[pair];
    }
  }

  /** The number of decimal digits. */
  private static int length(long value) {
    // 1233/4096 is a little more than the logarithm of 2 to the base of 10.
    int digits = ((Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233) >> 12;
    return Math.max(1, value < POWERS[digits] ? digits : digits + 1);
  }

  private void plain(StringBuilder ascii) throws IOException {
    int length = ascii.length();
    reserve(length);
    int at = end;
    for (int i = 0; i < length; i++) {
      buffer[at++] = (byte) ascii.charAt(i);
    }
    end = at;
  }

  /** Makes room; never more than the buffer has. */
  private void reserve(int bytes) throws IOException {
    if (bytes > BUFFER_BYTES - end) {
      flush();
    }
  }
}
