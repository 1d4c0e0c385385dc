package dev.millrace.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A real HTTP server on this machine that webhooks call, and that remembers what it was told. */
final class Receiver implements AutoCloseable {

  private static final int ENDLESS = 100_000;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Call> calls = new ArrayList<>();
  private final Map<String, Deque<Answer>> answers = new HashMap<>();

  /** What a webhook sent. */
  record Call(String path, Map<String, List<String>> headers, String body, Instant time) {

    String header(String name) {
      return String.join(",", headers.getOrDefault(name, List.of()));
    }

    String deliveryId() {
      return header("X-mlflow-delivery-id");
    }

    /** Whether it is signed with a secret, as receivers of MLflow's webhooks check it. */
    boolean isSignedWith(String secret) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        String content = deliveryId() + "." + header("X-mlflow-timestamp") + "." + body;
        String expected =
            "v1," + Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(UTF_8)));
        return expected.equals(header("X-mlflow-signature"));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private record Answer(int status, Map<String, String> headers) {}

  private Receiver(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(executor);
    server.start();
  }

  static Receiver start() {
    return new Receiver(0);
  }

  /** One where another was. */
  static Receiver startAt(int port) {
    return new Receiver(port);
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** Answers the next call of a path so, those after it 200. */
  synchronized void answerOnce(String path, int status, Map<String, String> headers) {
    answers.computeIfAbsent(path, _ -> new ArrayDeque<>()).add(new Answer(status, headers));
  }

  synchronized List<Call> calls(String path) {
    return calls.stream().filter(call -> call.path().equals(path)).toList();
  }

  /** The bodies that came to a path. */
  List<String> bodies(String path) {
    return calls(path).stream().map(Call::body).toList();
  }

  /** Waits until this many calls have come to a path, and returns them. */
  List<Call> await(String path, int count) {
    return await(path, list -> list.size() >= count);
  }

  private List<Call> await(String path, Predicate<List<Call>> condition) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (true) {
      List<Call> found = calls(path);
      if (condition.test(found)) {
        return found;
      }
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("Only came to %s: %s".formatted(path, found));
      }
      sleep(10);
    }
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    executor.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    Answer answer = remember(new Call(path, exchange.getRequestHeaders(), body, Instant.now()));
    if (path.startsWith("/hang")) {
      hang();
    }
    if (answer != null) {
      answer.headers().forEach(exchange.getResponseHeaders()::set);
    }
    exchange.sendResponseHeaders(answer == null ? 200 : answer.status(), 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write("thänks".getBytes(UTF_8));
      if (path.startsWith("/endless")) {
        for (int i = 0; i < ENDLESS; i++) {
          out.write(new byte[1024]);
        }
      }
    }
  }

  private synchronized @Nullable Answer remember(Call call) {
    calls.add(call);
    Deque<Answer> next = answers.get(call.path());
    return next == null ? null : next.poll();
  }

  private void hang() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
