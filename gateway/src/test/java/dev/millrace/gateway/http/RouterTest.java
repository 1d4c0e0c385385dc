package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {

  private final Router router =
      new Router.Builder()
          .route("GET", "/", named("index"))
          .route("GET", "/api/runs/get", named("get"))
          .route("POST", "/api/models/search", named("search"))
          .route("GET", "/api/models/{id}", named("model"))
          .route("DELETE", "/api/models/{id}/tags/{key}", named("tag"))
          .route("GET", "/api/files", named("list"))
          .route("PUT", "/api/files/{path=**}", named("file"))
          .route("GET", "/api/raw/{path=***}", named("raw"))
          .route("DELETE", "/api/raw/{path=**}", named("delete"))
          .build(_ -> Response.text(404, "text/plain", "fallback"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /|200 index {}",
        "GET /api/runs/get|200 get {}",
        "get /api/runs/get|200 get {}",
        "HEAD /api/runs/get|200 get {}",
        "GET /api/runs%2Fget|200 get {}",
        "GET /api/%72uns/get|200 get {}",
        "GET //api/runs/get|200 get {}",
        "GET /api/runs/get/|404 fallback",
        "GET /api/runs/get%00|404 fallback",
        "GET /api/./runs/get|404 fallback",
        "GET /api/models/m-1|200 model {id=m-1}",
        "GET /api/models/search|200 model {id=search}",
        "POST /api/models/search|200 search {}",
        "GET /api/models/a%20%C3%BC|200 model {id=a \u00fc}",
        "GET /api/models/%FF%zz|200 model {id=\ufffd%zz}",
        "GET /api/models/|404 fallback",
        "DELETE /api/models/m/tags/k|200 tag {id=m, key=k}",
        "PUT /api/files/a/b%2F%252e//c|200 file {path=a/b/%2e//c}",
        "PUT /api/files/a/|200 file {path=a/}",
        "PUT /api/files/|404 fallback",
        "GET /api/raw/a/b|200 raw {path=a/b}",
        "GET /api/raw/|200 raw {path=}",
        "GET /api/raw//a|200 raw {path=/a}",
        "GET /api/raw|404 fallback",
        "GET /api/raw/a%0ab|404 {\"detail\":\"Not Found\"}",
        "DELETE /api/raw/a|200 delete {path=a}",
        "GET /nothing|404 fallback",
      })
  void finds(String request, String answer) throws IOException {
    Response response = answer(request);
    assertThat(response.status() + " " + text(response)).isEqualTo(answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST /api/runs/get|405|GET, HEAD, OPTIONS",
        "PUT /api/models/search|405|GET, HEAD, OPTIONS, POST",
        "HEAD /api/models/m/tags/k|405|DELETE, OPTIONS",
        "POST /api/runs//get|405|GET, HEAD, OPTIONS",
        "OPTIONS /api/runs/get|204|GET, HEAD, OPTIONS",
        "OPTIONS /|200|GET, HEAD, OPTIONS",
      })
  void tellsTheMethodsOfEveryTemplateThatFits(String request, int status, String allow)
      throws IOException {
    Response response = answer(request);
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers()).containsEntry("Allow", allow);
  }

  @Test
  void redirectsDoubledSlashes() throws IOException {
    Response response = answer("GET /api//runs///get?a=b//c");
    assertThat(response.status()).isEqualTo(308);
    assertThat(response.headers()).containsEntry("Location", "/api/runs/get?a=b//c");
    assertThat(answer("GET /api//nothing").status()).isEqualTo(404);
  }

  @Test
  void starIsNoPath() throws IOException {
    assertThat(text(answer("GET *"))).isEqualTo("{\"detail\":\"Not Found\"}");
  }

  @Test
  void refusesARouteTwice() {
    Router.Builder builder = new Router.Builder().route("GET", "/a/{x}", named("a"));
    assertThatThrownBy(() -> builder.route("GET", "/a/{y}", named("b")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Two routes answer GET /a/{y}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a=1&b=2&a=3|[1, 3]",
        "&&a=1&&|[1]",
        "a|[]",
        "a=b=c|[b=c]",
        "a=%41+%2B|[A +]",
        "%61=x|[x]",
        "a=%C3%BC|[\u00fc]",
        "a=\u00c3\u00bc|[\u00fc]",
        "a=%FF%c3%bc%E2%82|[%FF\u00fc%E2%82]",
        "a=%zz%4|[%zz%4]",
        "A=1|none",
        "a[]=1|none",
      })
  void queriesAreDecodedAsWerkzeugDoes(String text, String values) {
    Query query = Query.parse(text);
    String shown = query.first("a") == null ? "none" : query.all("a").toString();
    assertThat(shown).isEqualTo(values);
  }

  private Response answer(String request) throws IOException {
    String[] parts = request.split(" ", 2);
    return router.handle(
        new Request(
            new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(parts[0]), parts[1]),
            InputStream.nullInputStream()));
  }

  private static Endpoint named(String name) {
    return (_, variables) ->
        Response.text(200, "text/plain", name + " " + new TreeMap<>(variables));
  }

  private static String text(Response response) {
    return response.body() instanceof Response.Body.Bytes(byte[] bytes)
        ? new String(bytes, StandardCharsets.UTF_8)
        : "";
  }
}
