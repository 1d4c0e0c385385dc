package dev.millrace.gateway.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * An answer. The server adds the headers that frame it: Content-Length or Transfer-Encoding,
 * Connection and Date. On HEAD it keeps the body to itself.
 *
 * @param headers names in any case, one value each
 */
public record Response(int status, Map<String, String> headers, Body body) {

  /** Bytes that follow the headers. */
  public sealed interface Body {

    /** A small body that is there already, and stays as it is. */
    @SuppressWarnings("ArrayRecordComponent") // Bytes are never compared.
    record Bytes(byte[] bytes) implements Body {}

    /**
     * A body written as it comes. Nothing is sent before the writer has filled a first buffer or
     * returned, so a writer that throws early is still answered with a 500; later the connection
     * breaks off, which tells the client that the body is not whole.
     *
     * @param length in bytes, which the writer must keep to; -1 if not known
     */
    record Stream(long length, Writer writer) implements Body {}
  }

  /** Writes a body. */
  @FunctionalInterface
  public interface Writer {

    /**
     * Writes the whole body; need not close or flush the stream, which blocks while the client is
     * slow.
     *
     * @throws IOException if the client went away or stalled
     */
    void write(BodyOutput out) throws IOException;
  }

  private static final Body EMPTY = new Body.Bytes(new byte[0]);

  public Response {
    headers = copy(headers);
  }

  /** An answer without a body. */
  public static Response of(int status) {
    return new Response(status, Map.of(), EMPTY);
  }

  /** An answer whose body is text, sent as UTF-8. */
  public static Response text(int status, String contentType, String text) {
    return bytes(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** An answer whose body is there already. */
  public static Response bytes(int status, String contentType, byte[] bytes) {
    return new Response(status, Map.of("Content-Type", contentType), new Body.Bytes(bytes));
  }

  /**
   * An answer whose body is written as it comes.
   *
   * @param length in bytes; -1 if not known
   */
  public static Response stream(int status, String contentType, long length, Writer writer) {
    return new Response(
        status, Map.of("Content-Type", contentType), new Body.Stream(length, writer));
  }

  /** The same answer with one header set. */
  public Response with(String name, String value) {
    return with(Map.of(name, value));
  }

  /** The same answer with some headers set. */
  public Response with(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(headers);
    all.putAll(more);
    return new Response(status, all, body);
  }

  private static Map<String, String> copy(Map<String, String> headers) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(headers);
    return Collections.unmodifiableMap(all);
  }
}
