package dev.millrace.gateway.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request whose target is kept as the client wrote it: nothing is decoded or normalised. */
public final class Request {

  private final String method;
  private final String path;
  private final @Nullable String query;
  private final HttpHeaders headers;
  private final long contentLength;
  private final InputStream body;

  Request(HttpRequest head, InputStream body) {
    this.method = head.method().name();
    this.headers = head.headers();
    this.contentLength = HttpUtil.getContentLength(head, -1L);
    this.body = body;
    String target = withoutAuthority(head.uri());
    int mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.substring(0, mark);
    this.query = mark < 0 ? null : target.substring(mark + 1);
  }

  /** As in the request line; case matters. */
  public String method() {
    return method;
  }

  /** The path, still percent-encoded; a byte above 127 is the char of that number. */
  public String path() {
    return path;
  }

  /** What follows the question mark, still percent-encoded; null without one. */
  public @Nullable String query() {
    return query;
  }

  /** The first header of that name, whatever its case. */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** Every header of that name in the order sent. */
  public List<String> headers(String name) {
    return headers.getAll(name);
  }

  /** The declared size of the body in bytes; -1 if the request does not say. */
  public long contentLength() {
    return contentLength;
  }

  /**
   * The body. It is taken from the network only as it is read, so a body of any size passes through
   * constant memory. Reading throws an IOException when the client goes away or stalls. It is a
   * {@link BodyInput} if it comes from a connection.
   */
  public InputStream body() {
    return body;
  }

  /** Turns the absolute form that proxies use into the origin form. */
  private static String withoutAuthority(String target) {
    if (target.isEmpty() || target.charAt(0) == '/') {
      return target;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      return target;
    }
    int slash = target.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : target.substring(slash);
  }
}
