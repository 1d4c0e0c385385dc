package dev.millrace.gateway.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Percent-decoding as the real server's layers do it: nothing is ever an error. */
final class Percent {

  private Percent() {}

  /**
   * Decodes a path: a broken escape stays as it is, bytes that are no UTF-8 become U+FFFD (uvicorn,
   * by {@code urllib.parse.unquote}).
   */
  static String decodePath(String text) {
    return text.indexOf('%') < 0 && isAscii(text)
        ? text
        : new String(bytes(text, false), StandardCharsets.UTF_8);
  }

  /**
   * Decodes a name or value of a query: a plus is a space, a broken escape stays as it is, and so
   * do bytes that are no UTF-8, as escapes (werkzeug {@code urls.py}).
   */
  static String decodeQuery(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0 && isAscii(text)) {
      return text;
    }
    byte[] bytes = bytes(text, true);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return decodeLeniently(bytes);
    }
  }

  private static String decodeLeniently(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    while (from < bytes.length) {
      int length = validLength(bytes, from);
      if (length > 0) {
        text.append(new String(bytes, from, length, StandardCharsets.UTF_8));
        from += length;
      } else {
        text.append("%%%02X".formatted(bytes[from] & 0xff).toUpperCase(Locale.ROOT));
        from++;
      }
    }
    return text.toString();
  }

  /** The length of the character that starts at {@code from}; 0 if none does. */
  private static int validLength(byte[] bytes, int from) {
    for (int length = 1; length <= 4 && from + length <= bytes.length; length++) {
      if (isCharacter(ByteBuffer.wrap(bytes, from, length))) {
        return length;
      }
    }
    return 0;
  }

  private static boolean isCharacter(ByteBuffer bytes) {
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static byte[] bytes(String text, boolean plusIsSpace) {
    byte[] bytes = new byte[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && i + 2 < text.length()) {
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        if (high >= 0 && low >= 0) {
          bytes[count++] = (byte) (high << 4 | low);
          i += 2;
          continue;
        }
      }
      bytes[count++] = (byte) (c == '+' && plusIsSpace ? ' ' : c);
    }
    return Arrays.copyOf(bytes, count);
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }
}
