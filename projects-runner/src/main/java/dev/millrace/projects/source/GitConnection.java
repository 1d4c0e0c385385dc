package dev.millrace.projects.source;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request of JGit, sent by OkHttp. Redirects come back to JGit, which asks {@link
 * GitConnections} for the next connection.
 */
final class GitConnection implements HttpConnection {

  /** What a fetch asks for: names of commits, no content. */
  private static final int MAX_REQUEST_BYTES = 16 << 20;

  private static final int SERVER_ERROR = 500;

  private final URL url;
  private final OkHttpClient client;
  private final Allowance allowance;
  private final Request.Builder request;
  private String method = "GET";
  private @Nullable Body body;
  private @Nullable Response response;

  GitConnection(URL url, OkHttpClient client, Allowance allowance) {
    this.url = url;
    this.client = client;
    this.allowance = allowance;
    this.request = new Request.Builder().url(url);
  }

  private static final class Body extends ByteArrayOutputStream {

    @Override
    public synchronized void write(int b) {
      require(1);
      super.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int start, int length) {
      require(length);
      super.write(bytes, start, length);
    }

    private void require(int length) {
      if (count + length > MAX_REQUEST_BYTES) {
        throw new IllegalStateException("The request to the Git host is too large");
      }
    }
  }

  private Response response() throws IOException {
    Response got = response;
    if (got == null) {
      allowance.checkTime();
      RequestBody sent = body == null ? null : RequestBody.create(body.toByteArray());
      got = client.newCall(request.method(method, sent).build()).execute();
      response = got;
    }
    return got;
  }

  @Override
  public int getResponseCode() throws IOException {
    return response().code();
  }

  @Override
  public URL getURL() {
    return url;
  }

  @Override
  public String getResponseMessage() throws IOException {
    return response().message();
  }

  @Override
  public Map<String, List<String>> getHeaderFields() {
    return answered().headers().toMultimap();
  }

  @Override
  public void setRequestProperty(String name, String value) {
    request.header(name, value);
  }

  @Override
  public void setRequestMethod(String name) {
    method = name;
  }

  /** There is no cache. */
  @Override
  public void setUseCaches(boolean use) {}

  /** The limit of the whole fetch counts. */
  @Override
  public void setConnectTimeout(int milliseconds) {}

  /** The limit of the whole fetch counts. */
  @Override
  public void setReadTimeout(int milliseconds) {}

  @Override
  public @Nullable String getContentType() {
    return getHeaderField("Content-Type");
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(response().body().byteStream()) {
      @Override
      public int read() throws IOException {
        int b = super.read();
        allowance.addBytes(b < 0 ? 0 : 1);
        return b;
      }

      @Override
      public int read(byte[] buffer, int start, int length) throws IOException {
        int count = super.read(buffer, start, length);
        allowance.addBytes(Math.max(0, count));
        return count;
      }
    };
  }

  @Override
  public @Nullable String getHeaderField(String name) {
    return answered().header(name);
  }

  @Override
  public List<String> getHeaderFields(String name) {
    return answered().headers(name);
  }

  @Override
  public int getContentLength() {
    long length = answered().body().contentLength();
    return length > Integer.MAX_VALUE ? -1 : (int) length;
  }

  /** They are never followed here. */
  @Override
  public void setInstanceFollowRedirects(boolean follow) {}

  @Override
  public void setDoOutput(boolean output) {}

  @Override
  public void setFixedLengthStreamingMode(int length) {}

  @Override
  public OutputStream getOutputStream() {
    Body sent = new Body();
    body = sent;
    return sent;
  }

  @Override
  public void setChunkedStreamingMode(int length) {}

  @Override
  public String getRequestMethod() {
    return method;
  }

  @Override
  public boolean usingProxy() {
    return false;
  }

  @Override
  public void connect() throws IOException {
    Response _ = response();
  }

  /** Would switch the check of certificates off. */
  @Override
  public void configure(
      KeyManager @Nullable [] keys,
      TrustManager @Nullable [] trust,
      java.security.@Nullable SecureRandom random) {
    throw new UnsupportedOperationException();
  }

  /** Would switch the check of certificates off. */
  @Override
  public void setHostnameVerifier(HostnameVerifier verifier) {
    throw new UnsupportedOperationException();
  }

  /** Whether the host has answered that it cannot serve anybody now. */
  boolean isAway() {
    return response != null && response.code() >= SERVER_ERROR;
  }

  void close() {
    if (response != null) {
      response.close();
    }
  }

  private Response answered() {
    if (response == null) {
      throw new IllegalStateException("No request has been sent");
    }
    return response;
  }
}
