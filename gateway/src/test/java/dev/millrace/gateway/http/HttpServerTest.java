package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.http.RawClient.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpServerTest {

  private static final Limits LIMITS =
      new Limits(100, 16 << 10, 16 << 10, Duration.ofSeconds(20), Duration.ofSeconds(20));
  private static final int MIB = 1 << 20;

  private HttpServer server = start(LIMITS, HttpServerTest::echo);

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void targetArrivesAsItWasWritten() throws IOException {
    serve(r -> text(r.method() + " " + r.path() + " " + r.query()));
    try (RawClient client = client()) {
      assertThat(exchange(client, "GET /a%2Fb//../c%zz?q=%41+&r HTTP/1.1\nHost: x\n\n").body())
          .isEqualTo("GET /a%2Fb//../c%zz q=%41+&r");
      assertThat(exchange(client, "GET http://h:1/p?q HTTP/1.1\nHost: x\n\n").body())
          .isEqualTo("GET /p q");
      assertThat(exchange(client, "OPTIONS * HTTP/1.1\nHost: x\n\n").body())
          .isEqualTo("OPTIONS * null");
      assertThat(exchange(client, "GET /\u00fc HTTP/1.1\nHost: x\n\n").body())
          .isEqualTo("GET /\u00c3\u00bc null");
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws IOException {
    try (RawClient client = client()) {
      String one = "POST /%d HTTP/1.1\nHost: x\nContent-Length: 3\n\nab%d";
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 9; i++) {
        all.append(one.formatted(i, i));
      }
      client.send(all.toString());
      for (int i = 0; i < 9; i++) {
        assertThat(client.read().body()).isEqualTo("POST /" + i + " ab" + i);
      }
    }
  }

  @Test
  void chunkedBodyIsReadWhole() throws IOException {
    try (RawClient client = client()) {
      client.send("POST /c HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n");
      client.send("2;ext=1\nde\n0\nTrailer: t\n\n");
      assertThat(client.read().body()).isEqualTo("POST /c abcde");
      assertThat(exchange(client, "GET /again HTTP/1.1\nHost: x\n\n").status()).isEqualTo(200);
    }
  }

  @Test
  void malformedChunkBreaksTheConnection() throws IOException {
    try (RawClient client = client()) {
      client.send("POST /c HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\nabc\n");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void clientThatWaitsIsToldToContinue() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /e HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("hi").read().body()).isEqualTo("PUT /e hi");
    }
  }

  @Test
  void clientThatWaitsIsRefusedWithoutTakingTheBody() throws IOException {
    serve(_ -> Response.text(403, "text/plain", "no"));
    try (RawClient client = client()) {
      client.send("PUT /e HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.headers()).containsEntry("connection", "close");
    }
  }

  @Test
  void earlyAnswerReachesAClientThatSendsItsWholeBodyFirst() throws IOException {
    serve(_ -> Response.text(403, "text/plain", "no"));
    try (RawClient client = client()) {
      client.send("PUT /e HTTP/1.1\nHost: x\nContent-Length: " + 20 * MIB + "\n\n");
      byte[] part = new byte[MIB];
      for (int i = 0; i < 20; i++) {
        client.send(part);
      }
      assertThat(client.read().status()).isEqualTo(403);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void smallUnreadBodyKeepsTheConnection() throws IOException {
    serve(r -> text(r.path()));
    try (RawClient client = client()) {
      client.send("POST /1 HTTP/1.1\nHost: x\nContent-Length: 5\n\nabcde");
      client.send("GET /2 HTTP/1.1\nHost: x\n\n");
      assertThat(client.read().body()).isEqualTo("/1");
      assertThat(client.read().body()).isEqualTo("/2");
    }
  }

  @Test
  void headHasLengthButNoBody() throws IOException {
    try (RawClient client = client()) {
      client.send("HEAD /h HTTP/1.1\nHost: x\n\nGET /g HTTP/1.1\nHost: x\n\n");
      assertThat(client.read(false).headers()).containsEntry("content-length", "8");
      assertThat(client.read().body()).isEqualTo("GET /g ");
    }
  }

  @Test
  void uploadWaitsForItsReader() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    AtomicLong size = new AtomicLong();
    serve(
        r -> {
          await(mayRead);
          size.set(r.body().transferTo(OutputStream.nullOutputStream()));
          return text("done");
        });
    AtomicLong sent = new AtomicLong();
    try (RawClient client = client()) {
      client.send("PUT /big HTTP/1.1\nHost: x\nContent-Length: " + 64L * MIB + "\n\n");
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                byte[] part = new byte[MIB];
                for (int i = 0; i < 64; i++) {
                  send(client, part);
                  sent.addAndGet(MIB);
                }
              });
      // Sockets of both sides take some; the server must not take the rest.
      assertThatThrownBy(() -> sender.get(1, TimeUnit.SECONDS)).isNotNull();
      assertThat(sent.get()).isLessThan(48L * MIB);
      mayRead.countDown();
      assertThat(client.read().body()).isEqualTo("done");
      assertThat(size.get()).isEqualTo(64L * MIB);
    }
  }

  @Test
  void downloadWaitsForItsClient() throws Exception {
    AtomicLong written = new AtomicLong();
    byte[] part = new byte[MIB];
    CompletableFuture<Void> finished = new CompletableFuture<>();
    serve(
        _ ->
            Response.stream(
                200,
                "application/octet-stream",
                64L * MIB,
                out -> {
                  for (int i = 0; i < 64; i++) {
                    out.write(part);
                    written.addAndGet(MIB);
                  }
                  finished.complete(null);
                }));
    try (RawClient client = client()) {
      client.send("GET /big HTTP/1.1\nHost: x\n\n");
      assertThatThrownBy(() -> finished.get(1, TimeUnit.SECONDS)).isNotNull();
      assertThat(written.get()).isLessThan(48L * MIB);
      assertThat(client.read().body()).hasSize(64 * MIB);
      finished.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void filesAreSentBetweenOtherBytes(@TempDir Path folder) throws Exception {
    byte[] content = new byte[5 * MIB + 7];
    new Random(1).nextBytes(content);
    String text = new String(content, StandardCharsets.ISO_8859_1);
    try (FileChannel file = FileChannel.open(Files.write(folder.resolve("f"), content))) {
      for (long declared : new long[] {content.length + 11, -1}) {
        serve(
            _ ->
                Response.stream(
                    200,
                    "text/plain",
                    declared,
                    out -> {
                      out.write('<');
                      out.send(file, 0, content.length);
                      out.write('|');
                      out.send(file, MIB, 3);
                      out.send(file, 5, 0);
                      out.send(file, content.length - 5, 5);
                      out.write('>');
                    }));
        try (RawClient client = client()) {
          for (int i = 0; i < 2; i++) {
            Answer answer = exchange(client, "GET / HTTP/1.1\nHost: x\n\n");
            assertThat(
                    answer
                        .body()
                        .equals(
                            "<%s|%s%s>"
                                .formatted(
                                    text,
                                    text.substring(MIB, MIB + 3),
                                    text.substring(content.length - 5))))
                .isTrue();
          }
        }
      }
    }
  }

  @Test
  void aFileThatEndsEarlyBreaksTheAnswerOff(@TempDir Path folder) throws Exception {
    try (FileChannel file =
        FileChannel.open(Files.write(folder.resolve("f"), new byte[2 * MIB - 1]))) {
      serve(_ -> Response.stream(200, "text/plain", 2 * MIB, out -> out.send(file, 0, 2 * MIB)));
      try (RawClient client = client()) {
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        String answer = client.readToEnd();
        assertThat(answer).startsWith("HTTP/1.1 200");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).hasSizeLessThan(2 * MIB);
      }
      assertThat(file.isOpen()).isTrue();
    }
  }

  @Test
  void aFileWaitsForItsClientAndNotForever(@TempDir Path folder) throws Exception {
    server.close();
    CompletableFuture<Throwable> sending = new CompletableFuture<>();
    try (FileChannel file =
        FileChannel.open(Files.write(folder.resolve("f"), new byte[64 * MIB]))) {
      Duration soon = Duration.ofMillis(300);
      server =
          start(
              new Limits(1000, 1000, 1000, Duration.ofSeconds(20), soon),
              _ ->
                  Response.stream(
                      200,
                      "text/plain",
                      64L * MIB,
                      out -> {
                        try {
                          out.send(file, 0, 64L * MIB);
                          sending.complete(new AssertionError("sent"));
                        } catch (IOException e) {
                          sending.complete(e);
                          throw e;
                        }
                      }));
      try (RawClient stalled = client()) {
        stalled.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(sending.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
        assertThat(file.isOpen()).isTrue();
      }
      try (RawClient slow = client()) {
        slow.send("GET / HTTP/1.1\nHost: x\n\n");
        byte[] part = new byte[8 * MIB];
        for (int i = 0; i < 8; i++) {
          Thread.sleep(100);
          assertThat(slow.in().readNBytes(part, 0, part.length)).isEqualTo(part.length);
        }
      }
    }
  }

  @Test
  void clientThatAbortsEndsReaderAndWriter() throws Exception {
    CompletableFuture<Throwable> reading = new CompletableFuture<>();
    serve(
        r -> {
          try {
            return text("" + r.body().readAllBytes().length);
          } catch (IOException e) {
            reading.complete(e);
            throw e;
          }
        });
    RawClient uploading = client();
    uploading.send("PUT /u HTTP/1.1\nHost: x\nContent-Length: 100\n\nabc").abort();
    assertThat(reading.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);

    CompletableFuture<Throwable> writing = new CompletableFuture<>();
    serve(_ -> Response.stream(200, "text/plain", -1, out -> endless(out, writing)));
    RawClient downloading = client();
    downloading.send("GET /d HTTP/1.1\nHost: x\n\n");
    assertThat(downloading.in().read()).isPositive();
    downloading.abort();
    assertThat(writing.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }

  @Test
  void unknownLengthIsChunkedOrEndsWithTheConnection() throws IOException {
    byte[] part = new byte[100_000];
    serve(
        _ ->
            Response.stream(
                200,
                "text/plain",
                -1,
                out -> {
                  out.write(part);
                  out.write('!');
                }));
    try (RawClient client = client()) {
      Answer answer = exchange(client, "GET / HTTP/1.1\nHost: x\n\n");
      assertThat(answer.headers()).containsEntry("transfer-encoding", "chunked");
      assertThat(answer.body()).hasSize(100_001).endsWith("!");
      assertThat(exchange(client, "GET / HTTP/1.1\nHost: x\n\n").body()).hasSize(100_001);
    }
    try (RawClient client = client()) {
      Answer answer = exchange(client, "GET / HTTP/1.0\n\n");
      assertThat(answer.headers()).doesNotContainKey("transfer-encoding");
      assertThat(answer.body()).hasSize(100_001);
    }
  }

  @Test
  void shortStreamGoesOutInOnePieceWithItsLength() throws IOException {
    serve(_ -> Response.stream(200, "text/plain", -1, out -> out.write('x')));
    try (RawClient client = client()) {
      assertThat(exchange(client, "GET / HTTP/1.1\nHost: x\n\n").headers())
          .containsEntry("content-length", "1")
          .doesNotContainKey("transfer-encoding");
    }
  }

  @Test
  void failureIsA500AsLongAsNothingWasSent() throws IOException {
    serve(
        r -> {
          if (r.path().equals("/handler")) {
            throw new IllegalStateException("expected by the test");
          }
          return Response.stream(
              200,
              "text/plain",
              -1,
              out -> {
                out.write(new byte[r.path().equals("/late") ? MIB : 10]);
                throw new IllegalStateException("expected by the test");
              });
        });
    try (RawClient client = client()) {
      assertThat(exchange(client, "GET /handler HTTP/1.1\nHost: x\n\n").status()).isEqualTo(500);
      assertThat(exchange(client, "GET /early HTTP/1.1\nHost: x\n\n").status()).isEqualTo(500);
      client.send("GET /late HTTP/1.1\nHost: x\n\n");
      assertThat(client.readToEnd()).startsWith("HTTP/1.1 200").doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void headsThatCannotBeReadAreRefused() throws IOException {
    String big = "v".repeat(20_000);
    assertThat(refused("GET /" + big + " HTTP/1.1\nHost: x\n\n")).startsWith("HTTP/1.1 414");
    assertThat(refused("GET / HTTP/1.1\nHost: x\nA: " + big + "\n\n")).startsWith("HTTP/1.1 431");
    assertThat(refused("nonsense\n\n")).startsWith("HTTP/1.1 400");
    assertThat(refused("GET / HTTP/1.1\nHost: x\nbad header\n\n")).startsWith("HTTP/1.1 400");
    assertThat(refused("GET / HTTP/1.1\nHost: x\nA: b\u0001c\n\n")).startsWith("HTTP/1.1 400");
    assertThat(refused("GET / HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(refused("POST / HTTP/1.1\nHost: x\nContent-Length: -1\n\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void idleAndStalledConnectionsAreClosed() throws IOException {
    server.close();
    Duration soon = Duration.ofMillis(200);
    server = start(new Limits(100, 100, 100, soon, soon), HttpServerTest::echo);
    try (RawClient idle = client();
        RawClient half = client();
        RawClient stalled = client()) {
      half.send("GET / HTT");
      stalled.send("PUT / HTTP/1.1\nHost: x\nContent-Length: 9\n\nab");
      assertThat(idle.readToEnd()).isEmpty();
      assertThat(half.readToEnd()).isEmpty();
      assertThat(stalled.readToEnd()).isEmpty();
    }
  }

  @Test
  void stopLetsRequestsUnderWayEnd() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    serve(
        _ -> {
          arrived.countDown();
          await(mayEnd);
          return text("ended");
        });
    try (RawClient busy = client();
        RawClient idle = client()) {
      busy.send("GET / HTTP/1.1\nHost: x\n\n");
      await(arrived);
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(server::close);
      assertThat(idle.readToEnd()).isEmpty();
      mayEnd.countDown();
      assertThat(busy.read().body()).isEqualTo("ended");
      // Whether its head said so depends on which of the two connections heard of the stop first.
      assertThat(busy.readToEnd()).isEmpty();
      stopping.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void beyondTheLimitRequestsAreRefusedAtOnce() throws Exception {
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch mayEnd = new CountDownLatch(1);
    server.close();
    server =
        start(
            new Limits(2, 16 << 10, 16 << 10, LIMITS.idle(), LIMITS.stall()),
            _ -> {
              arrived.countDown();
              await(mayEnd);
              return text("ended");
            });
    try (RawClient first = client();
        RawClient second = client();
        RawClient third = client()) {
      first.send("GET / HTTP/1.1\nHost: x\n\n");
      second.send("GET / HTTP/1.1\nHost: x\n\n");
      await(arrived);
      assertThat(exchange(third, "GET / HTTP/1.1\nHost: x\n\n").status()).isEqualTo(429);
      mayEnd.countDown();
      assertThat(first.read().body()).isEqualTo("ended");
      assertThat(second.read().body()).isEqualTo("ended");
    }
    // Both places are free again, also if the server notices a little later that they are.
    int status = 429;
    for (int i = 0; i < 100 && status == 429; i++) {
      try (RawClient next = client()) {
        status = exchange(next, "GET / HTTP/1.1\nHost: x\n\n").status();
      }
    }
    assertThat(status).isEqualTo(200);
  }

  @Test
  void takenPortIsOneClearError() {
    assertThatThrownBy(
            () ->
                HttpServer.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                    LIMITS,
                    HttpServerTest::echo,
                    HttpServerTest::echo))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot serve HTTP on")
        .hasMessageContaining(String.valueOf(server.port()));
  }

  private static Response echo(Request request) throws IOException {
    String body = new String(request.body().readAllBytes(), StandardCharsets.ISO_8859_1);
    return text(request.method() + " " + request.path() + " " + body);
  }

  private static Response text(String text) {
    return Response.text(200, "text/plain", text);
  }

  private static void endless(OutputStream out, CompletableFuture<Throwable> end)
      throws IOException {
    byte[] part = new byte[MIB];
    try {
      while (true) {
        out.write(part);
      }
    } catch (IOException e) {
      end.complete(e);
      throw e;
    }
  }

  private static void send(RawClient client, byte[] part) {
    try {
      client.send(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited too long");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpServer start(Limits limits, Handler handler) {
    return HttpServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        limits,
        handler,
        _ -> Response.of(429));
  }

  private void serve(Handler handler) {
    server.close();
    server = start(LIMITS, handler);
  }

  private RawClient client() throws IOException {
    return new RawClient(server.port());
  }

  private static Answer exchange(RawClient client, String request) throws IOException {
    return client.send(request).read();
  }

  private String refused(String request) throws IOException {
    try (RawClient client = client();
        InputStream _ = client.in()) {
      return client.send(request).readToEnd();
    }
  }
}
