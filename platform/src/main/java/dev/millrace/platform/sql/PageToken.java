package dev.millrace.platform.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends back to get the next page: a JSON object in base64, as MLflow's are. Where
 * MLflow's hold the number of rows to skip, these hold the last row's place in the order, so that
 * every page costs the same and none is shifted by new rows. Clients take them as opaque; whatever
 * comes back is read as hostile.
 */
public final class PageToken {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private PageToken() {}

  /** Encodes strings, numbers, booleans, nulls, and lists and maps of them. */
  public static String encode(Map<String, ? extends @Nullable Object> content) {
    StringWriter json = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(json)) {
      write(out, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Decodes what {@link #encode} made.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it did not make {@code token}; messages as
   *     mlflow 3.17.2 {@code search_utils.py} ({@code parse_start_offset_from_page_token})
   */
  public static Map<String, @Nullable Object> decode(String token) {
    byte[] json = base64(token);
    Object content;
    try (JsonParser in = JSON.createParser(new String(json, StandardCharsets.UTF_8))) {
      in.nextToken();
      content = read(in);
      if (in.nextToken() != null) {
        throw undecoded(json);
      }
    } catch (IOException e) {
      throw undecoded(json);
    }
    if (!(content instanceof Map<?, ?> map)) {
      throw foreign(content);
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    map.forEach((key, value) -> result.put((String) key, value));
    return result;
  }

  /** The error for a token that is well formed, but holds what none of this query can hold. */
  public static MillraceException foreign(@Nullable Object content) {
    return MillraceException.invalidParameter(
        "Invalid page token, parsed value=" + PythonText.of(content));
  }

  /**
   * The fingerprint of a search whose tokens serve any filter: a place in an order is one for each,
   * and the web UI keeps a token when it changes its filter.
   */
  public static String fingerprint(String noun, List<String> orderBy) {
    List<String> order = new ArrayList<>(List.of(noun));
    order.addAll(orderBy);
    return fingerprint(order);
  }

  /** A short text that is the same for the same query and no other. */
  public static String fingerprint(List<String> query) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (String part : query) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MillraceException undecoded(byte[] json) {
    return MillraceException.invalidParameter(
        "Invalid page token, decoded value=" + PythonText.of(json));
  }

  /** Decodes as Python's {@code base64.b64decode} does: what is no base64 is skipped. */
  private static byte[] base64(String token) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int bits = 0;
    int characters = 0;
    int pads = 0;
    for (int i = 0; i < token.length() && (characters < 2 || characters + pads < 4); i++) {
      char c = token.charAt(i);
      int value = value(c);
      if (c == '=') {
        pads++;
      } else if (value >= 0) {
        pads = 0;
        bits = bits << 6 | value;
        characters = (characters + 1) % 4;
        if (characters != 1) {
          out.write(bits >> (characters == 0 ? 0 : 6 - 2 * (characters - 1)));
        }
      }
    }
    if (characters != 0 && (characters == 1 || characters + pads < 4)) {
      throw MillraceException.invalidParameter("Invalid page token, could not base64-decode");
    }
    return out.toByteArray();
  }

  private static int value(char c) {
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(c);
  }

  private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case String text -> out.writeString(text);
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case Boolean truth -> out.writeBoolean(truth);
      case List<?> list -> {
        out.writeStartArray();
        for (Object element : list) {
          write(out, element);
        }
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName((String) entry.getKey());
          write(out, entry.getValue());
        }
        out.writeEndObject();
      }
      default -> throw new IllegalArgumentException("Not for JSON: " + value.getClass());
    }
  }

  private static @Nullable Object read(JsonParser in) throws IOException {
    return switch (in.currentToken()) {
      case VALUE_STRING -> in.getText();
      case VALUE_NUMBER_INT ->
          in.getNumberValue() instanceof Integer i ? (Object) i.longValue() : in.getNumberValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(in));
        }
        yield list;
      }
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          map.put(name, read(in));
        }
        yield map;
      }
      case null, default -> throw new IOException("No JSON value");
    };
  }
}
