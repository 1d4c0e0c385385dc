package dev.millrace.registry;

import dev.millrace.platform.check.Addresses;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.ConnectionPool;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request to a webhook's URL, and does nothing else: no redirect, no proxy, no cookie.
 * Headers and signature are those of mlflow 3.17.2 {@code webhooks/delivery.py}.
 */
final class WebhookSender implements AutoCloseable {

  /** How much of an answer is read, in bytes. */
  private static final long MAX_ANSWER = 64 << 10;

  private static final MediaType JSON = MediaType.get("application/json");

  private final WebhookTargets targets;
  private final Duration timeout;

  // Made for the first delivery: it reads all certificates of the JDK, and few servers have a
  // webhook.
  private @Nullable OkHttpClient client;

  /**
   * @param timeout how long a request may take, from the look-up of its host to the end of the
   *     answer
   */
  WebhookSender(WebhookTargets targets, Duration timeout) {
    this.targets = targets;
    this.timeout = timeout;
  }

  /**
   * What a receiver answered.
   *
   * @param body the beginning of it
   * @param retryAfter the header of that name
   */
  record Answer(int status, String body, @Nullable String retryAfter) {}

  /**
   * Sends a body.
   *
   * @param secret signs it; null for no signature
   * @throws MillraceException if the URL may not be sent to
   * @throws BlockedTargetException if its host may not
   * @throws IOException if there is no whole answer in time
   */
  Answer send(String url, @Nullable String secret, String deliveryId, String body)
      throws IOException {
    HttpUrl target = targets.parse(url);
    if (target.host().indexOf(':') >= 0 || Addresses.parse(target.host()) != null) {
      // OkHttp asks nobody about a host that is an address already.
      List<InetAddress> _ = targets.lookup(target.host());
    }
    String timestamp = Long.toString(Instant.now().getEpochSecond());
    Request.Builder request =
        new Request.Builder()
            .url(target)
            .header("User-Agent", "Millrace")
            .header("X-MLflow-Delivery-Id", deliveryId)
            .header("X-MLflow-Timestamp", timestamp)
            .post(RequestBody.create(body.getBytes(StandardCharsets.UTF_8), JSON));
    if (secret != null) {
      request.header("X-MLflow-Signature", signature(secret, deliveryId, timestamp, body));
    }
    if (!target.username().isEmpty() || !target.password().isEmpty()) {
      request.header(
          "Authorization",
          Credentials.basic(target.username(), target.password(), StandardCharsets.UTF_8));
    }
    try (Response response = client().newCall(request.build()).execute()) {
      Buffer answer = new Buffer();
      while (answer.size() < MAX_ANSWER
          && response.body().source().read(answer, MAX_ANSWER - answer.size()) >= 0) {
        // Reads on.
      }
      MediaType type = response.body().contentType();
      return new Answer(
          response.code(),
          answer.readString(
              Objects.requireNonNullElse(
                  type == null ? null : type.charset(StandardCharsets.UTF_8),
                  StandardCharsets.UTF_8)),
          response.header("Retry-After"));
    }
  }

  /** Ends requests under way: they fail. */
  @Override
  public synchronized void close() {
    if (client != null) {
      client.dispatcher().cancelAll();
      client.connectionPool().evictAll();
    }
  }

  private synchronized OkHttpClient client() {
    if (client == null) {
      client =
          new OkHttpClient.Builder()
              .dns(targets::lookup)
              .socketFactory(new GuardedSockets(targets))
              .proxy(Proxy.NO_PROXY)
              .followRedirects(false)
              .followSslRedirects(false)
              .fastFallback(false)
              .protocols(List.of(Protocol.HTTP_1_1))
              .callTimeout(timeout)
              // Longer, so that it is the call that is too slow, whatever it waits for.
              .connectTimeout(timeout.multipliedBy(2))
              .readTimeout(timeout.multipliedBy(2))
              .writeTimeout(timeout.multipliedBy(2))
              .connectionPool(new ConnectionPool(16, 30, TimeUnit.SECONDS))
              .build();
    }
    return client;
  }

  private static String signature(String secret, String deliveryId, String timestamp, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String content = String.join(".", deliveryId, timestamp, body);
      return "v1,"
          + Base64.getEncoder()
              .encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
