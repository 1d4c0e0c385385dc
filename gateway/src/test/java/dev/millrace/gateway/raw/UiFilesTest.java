package dev.millrace.gateway.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.http.HttpServer;
import dev.millrace.gateway.http.Limits;
import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.RawClient;
import dev.millrace.gateway.http.RawClient.Answer;
import dev.millrace.gateway.http.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class UiFilesTest {

  private static final String SCRIPT = "console.log('x');\n".repeat(200);

  @TempDir private Path parent = Path.of("");
  private Path folder = Path.of("");
  private HttpServer server = start(new Router.Builder());

  private static HttpServer start(Router.Builder router) {
    return HttpServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Limits.of(100),
        router.build(_ -> Pages.notFound()),
        _ -> Pages.notFound());
  }

  @BeforeEach
  void serve() throws IOException {
    folder = Files.createDirectories(parent.resolve("build"));
    Files.writeString(parent.resolve("secret"), "secret");
    Files.createDirectories(folder.resolve("static/js"));
    Files.writeString(folder.resolve("index.html"), "<!doctype html><title>UI</title>");
    Files.writeString(folder.resolve("static/js/main.js"), SCRIPT);
    Files.write(folder.resolve("static/font.woff2"), new byte[3000]);
    server.close();
    Router.Builder router = new Router.Builder();
    UiFiles.open(folder).route(router);
    server = start(router);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void thePageIsAskedForEachTimeAndItsFilesAreKept() throws IOException {
    Answer page = get("/", "");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains("<title>UI</title>");
    assertThat(page.headers())
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("cache-control", "no-cache");
    Answer script = get("/static-files/static/js/main.js", "");
    assertThat(script.body()).isEqualTo(SCRIPT);
    assertThat(script.headers())
        .containsEntry("content-type", "text/javascript; charset=utf-8")
        .containsEntry("cache-control", "public, max-age=2419200")
        .containsEntry("content-length", Integer.toString(SCRIPT.length()));
    String etag = script.headers().get("etag");
    Answer again = get("/static-files/static/js/main.js", "If-None-Match: " + etag + "\n");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.headers()).containsEntry("etag", etag);
  }

  @Test
  void textsAreCompressedForWhoTakesIt() throws IOException {
    Answer plain = get("/static-files/static/js/main.js", "Accept-Encoding: gzip;q=0, br\n");
    assertThat(plain.headers()).doesNotContainKey("content-encoding");
    for (int i = 0; i < 2; i++) {
      Answer script = get("/static-files/static/js/main.js", "Accept-Encoding: br, gzip\n");
      assertThat(script.headers())
          .containsEntry("content-encoding", "gzip")
          .containsEntry("vary", "Accept-Encoding, Origin");
      assertThat(script.headers().get("etag")).isNotEqualTo(plain.headers().get("etag"));
      assertThat(Integer.parseInt(script.headers().getOrDefault("content-length", "")))
          .isLessThan(500);
    }
    assertThat(get("/static-files/static/font.woff2", "Accept-Encoding: gzip\n").headers())
        .containsEntry("content-type", "font/woff2")
        .doesNotContainKey("content-encoding");
  }

  @Test
  void onlyFilesOfTheBuildAreServed() throws IOException {
    for (String path :
        new String[] {
          "nope.js",
          "static",
          "static/",
          "../secret",
          "%2e%2e/secret",
          "..%2fsecret",
          "%252e%252e%252fsecret",
          "static/../../secret",
          "..%5csecret",
          "/etc/passwd",
          "%2fetc/passwd",
          "index.html%00"
        }) {
      Answer answer = get("/static-files/" + path, "");
      assertThat(answer.status()).as(path).isIn(404, 308, 400);
      assertThat(answer.body()).doesNotContain("secret").doesNotContain("root:");
    }
    Files.writeString(folder.resolve("later.txt"), "later");
    assertThat(get("/static-files/later.txt", "").status()).isEqualTo(404);
    Files.delete(folder.resolve("static/js/main.js"));
    assertThat(get("/static-files/static/js/main.js", "").status()).isEqualTo(404);
  }

  @Test
  void aFolderWithoutABuildIsRefused() {
    assertThatThrownBy(() -> UiFiles.open(parent))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(parent.toString());
    assertThatThrownBy(() -> UiFiles.open(parent.resolve("nowhere")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nowhere");
  }

  private Answer get(String path, String headers) throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      client.send("GET " + path + " HTTP/1.1\nHost: x\n" + headers + "\n");
      return client.read();
    }
  }
}
