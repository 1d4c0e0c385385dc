package dev.millrace.gateway.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.millrace.gateway.http.HttpServer;
import dev.millrace.gateway.http.Limits;
import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.RawClient;
import dev.millrace.gateway.http.RawClient.Answer;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.transcode.ErrorJson;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.GetModelVersionDownloadUriResponse;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceImplBase;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Artifacts over HTTP, in front of a small service that is reached by real gRPC. */
@Timeout(60)
class ArtifactRoutesTest {

  private static final String ROOT = "/api/2.0/mlflow-artifacts/artifacts/";
  private static final String DATE = "Sun, 09 Sep 2001 01:55:00 GMT";

  private final Shelf shelf = new Shelf();
  private final Target target = new Target.InProcess("shelf-" + UUID.randomUUID());
  private final GrpcHost host =
      GrpcHost.start(target, () -> {}, Access.NONE, List.of(shelf, new Versions()));
  private final ManagedChannel channel = target.connect();
  private final HttpServer server = start();

  private HttpServer start() {
    Router.Builder router = new Router.Builder();
    new ArtifactRoutes(channel, channel).route(router);
    return HttpServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Limits.of(100),
        ErrorJson.around(router.build(_ -> Pages.notFound())),
        _ -> Pages.notFound());
  }

  @AfterEach
  void stop() {
    server.close();
    channel.shutdownNow();
    host.close();
  }

  @Test
  void storesAndSendsBytes() throws IOException {
    for (String root : List.of(ROOT, ROOT.replace("/api/", "/ajax-api/"))) {
      Answer put = ask("PUT " + root + "d/a%20b HTTP/1.1\nContent-Length: 5\n\nhello");
      assertThat(put.status()).isEqualTo(200);
      assertThat(put.body()).isEmpty();
      assertThat(put.headers()).doesNotContainKey("content-type");
    }
    String chunks = "Transfer-Encoding: chunked\n\n3\nhel\n2\nlo\n0\n\n";
    assertThat(ask("PUT " + ROOT + "c HTTP/1.1\n" + chunks).status()).isEqualTo(200);
    assertThat(ask("PUT " + ROOT + "e HTTP/1.1\n\n").status()).isEqualTo(200);
    assertThat(shelf.files)
        .containsOnlyKeys(":d/a b", ":c", ":e")
        .containsEntry(":c", ByteString.copyFromUtf8("hello"));
    Answer got = get(ROOT + "d/a%20b");
    assertThat(got.status()).isEqualTo(200);
    assertThat(got.body()).isEqualTo("hello");
    assertThat(got.headers())
        .containsEntry("content-type", "text/x-test")
        .containsEntry("content-length", "5")
        .containsEntry("content-disposition", "attachment; filename=\"a b\"")
        .containsEntry("accept-ranges", "bytes")
        .containsEntry("etag", "\"an-etag\"")
        .containsEntry("last-modified", DATE);
    Answer head = head(ROOT + "d/a%20b");
    assertThat(head.headers())
        .containsEntry("content-length", "5")
        .containsEntry("cache-control", "no-cache");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeBodiesPassByMessagesOrBesideThem(boolean direct) throws IOException {
    shelf.direct = direct;
    // Larger than any buffer on the way, and not a multiple of one.
    String body = "0123456789".repeat(350_001);
    String put = "PUT " + ROOT + "%s HTTP/1.1\n";
    assertThat(
            ask(put.formatted("a") + "Content-Length: " + body.length() + "\n\n" + body).status())
        .isEqualTo(200);
    String chunk = "%x\n%s\n0\n\n".formatted(body.length(), body);
    assertThat(ask(put.formatted("b") + "Transfer-Encoding: chunked\n\n" + chunk).status())
        .isEqualTo(200);
    assertThat(shelf.files.get(":a")).isEqualTo(ByteString.copyFromUtf8(body));
    assertThat(shelf.files.get(":b")).isEqualTo(ByteString.copyFromUtf8(body));
    assertThat(shelf.directBytes.getAndSet(0)).isEqualTo(direct ? 2L * body.length() : 0);
    assertThat(get(ROOT + "a").body()).isEqualTo(body);
    assertThat(get(ROOT + "a", "Range: bytes=5-2000004").body())
        .isEqualTo(body.substring(5, 2_000_005));
    assertThat(get(ROOT + "a", "Range: bytes=0-99999,200007-200008").body())
        .contains("\r\n\r\n" + body.substring(0, 100_000) + "\r\n--", "\r\n\r\n78\r\n--");
    assertThat(shelf.directBytes.get()).isEqualTo(direct ? body.length() + 2_100_002 : 0);
    assertThat(head(ROOT + "a").headers()).containsEntry("content-length", "" + body.length());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUploadThatIsCutOffIsNotStored(boolean direct) throws Exception {
    shelf.direct = direct;
    try (RawClient client = new RawClient(server.port())) {
      client.send("PUT " + ROOT + "half HTTP/1.1\nHost: x\nContent-Length: 9000000\n\n");
      client.send(new byte[1_000_000]);
      client.abort();
    }
    assertThat(shelf.cutOff.poll(30, TimeUnit.SECONDS)).isEqualTo(":half");
    assertThat(shelf.files).isEmpty();
  }

  @Test
  void anUploadIsAnsweredBeforeItsEndIfItIsRefused() throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      client.send("PUT " + ROOT + "refused HTTP/1.1\nHost: x\nContent-Length: 9000000000\n\n");
      client.send(new byte[2_000_000]);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("INVALID_PARAMETER_VALUE", "Not that one");
    }
  }

  @Test
  void aDownloadThatBreaksOffIsNotTakenForWhole() throws IOException {
    shelf.files.put(":broken", ByteString.copyFromUtf8("x".repeat(100)));
    try (RawClient client = new RawClient(server.port())) {
      client.send("GET " + ROOT + "broken HTTP/1.1\nHost: x\n\n");
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET|''|400|{\"detail\":\"Not a \\\"file\\\": ''\"}",
        "GET|d/|400|{\"detail\":\"Not a \\\"file\\\": 'd/'\"}",
        "GET|/etc/x|404|No such artifact: '/etc/x'",
        "GET|%2fetc|404|No such artifact: '/etc'",
        "GET|a%252fb|404|No such artifact: 'a%2fb'",
        "GET|a%0ab|404|{\"detail\":\"Not Found\"}",
        "PUT|a%0ab|404|{\"detail\":\"Not Found\"}",
        "DELETE|a|405|Method Not Allowed",
      })
  void passesPathsAsTheyAre(String method, String path, int status, String body)
      throws IOException {
    Answer answer = ask(method + " " + ROOT + path + " HTTP/1.1\n\n");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).contains(body);
  }

  @Test
  void sendsSeveralRanges() throws IOException {
    shelf.files.put(":r", ByteString.copyFromUtf8("0123456789".repeat(1000)));
    Answer one = get(ROOT + "r", "Range: bytes=5-2004");
    assertThat(one.status()).isEqualTo(206);
    assertThat(one.body()).hasSize(2000).startsWith("567890");
    assertThat(one.headers()).containsEntry("content-range", "bytes 5-2004/10000");
    Answer two = get(ROOT + "r", "Range: bytes=0-1,9990-");
    String type = two.headers().getOrDefault("content-type", "");
    assertThat(type).startsWith("multipart/byteranges; boundary=");
    String boundary = "--" + type.substring(type.indexOf('=') + 1);
    assertThat(two.body())
        .isEqualTo(
            """
            %1$s
            Content-Type: text/x-test
            Content-Range: bytes 0-1/10000

            01
            %1$s
            Content-Type: text/x-test
            Content-Range: bytes 9990-9999/10000

            0123456789
            %1$s--\
            """
                .formatted(boundary)
                .replace("\n", "\r\n"));
    assertThat(get(ROOT + "r", "Range: bytes=10000-").headers())
        .containsEntry("content-range", "bytes */10000");
    assertThat(get(ROOT + "r", "Range: bytes=0-1\nIf-Range: \"other\"").status()).isEqualTo(200);
    assertThat(get(ROOT + "r", "Range: bytes=0-1\nIf-Range: \"an-etag\"").status()).isEqualTo(206);
    assertThat(get(ROOT + "r", "Range: bytes=0-1\nIf-Range: " + DATE).status()).isEqualTo(206);
    assertThat(get(ROOT + "r", "If-None-Match: \"an-etag\"").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "If-None-Match: \"an-etag\"|304",
        "If-None-Match: W/\"an-etag\", \"b\"|304",
        "If-None-Match: *|304",
        "If-None-Match: \"other\"|200",
        "If-Modified-Since: Sun, 09 Sep 2001 01:55:00 GMT|304",
        "If-Modified-Since: Sun, 09 Sep 2001 01:54:59 GMT|200",
        "If-Modified-Since: nonsense|200",
        "If-Match: \"an-etag\"|200",
        "If-Match: W/\"an-etag\"|412",
        "If-Match: \"other\"|412",
        "Range: bytes=0-1|206",
        "Range: bytes=0-1,3-4|416",
      })
  void filesOfRunsAreSentOnConditions(String header, int status) throws IOException {
    shelf.files.put("r1:a", ByteString.copyFromUtf8("hello"));
    Answer answer = get("/get-artifact?run_uuid=r1&path=a", header);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 304) {
      assertThat(answer.headers())
          .containsEntry("etag", "\"an-etag\"")
          .doesNotContainKeys("content-type", "content-length", "last-modified");
      assertThat(head("/get-artifact?run_uuid=r1&path=a", header).status()).isEqualTo(304);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/get-artifact?run_id=r1|400|Bad Request",
        "/get-artifact?path=a|404|No such artifact: 'a'",
        "/model-versions/get-artifact?name=m&version=1&path=a|200|of a version",
        "/model-versions/get-artifact?name=m&version=1|400|Bad Request",
        "/model-versions/get-artifact?name=m&version=2&path=a|404|No version 2 of m",
        "/model-versions/get-artifact?path=a|404|No version  of ",
        "/get-artifact?run_id=r1&path=|400|\"INVALID_PARAMETER_VALUE\",\"message\":\"Not a",
        "/ajax-api/2.0/mlflow/logged-models/m/artifacts/files|400|\"BAD_REQUEST\"",
        "/ajax-api/2.0/mlflow/logged-models/m/artifacts/files?artifact_file_path=|400|\"BAD_REQUEST\"",
        "/ajax-api/2.0/mlflow/logged-models/m/artifacts/files?artifact_file_path=d/|400|\"INVALID_",
        "/ajax-api/2.0/mlflow/logged-models/m/artifacts/files?artifact_file_path=a|200|of a model",
      })
  void readsWhatBelongsToRunsAndModels(String path, int status, String body) throws IOException {
    shelf.files.put("m:a", ByteString.copyFromUtf8("of a model"));
    shelf.files.put("mlflow-artifacts:/1/m-1:a", ByteString.copyFromUtf8("of a version"));
    Answer answer = get(path);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).contains(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: %d\n\n%s", "Transfer-Encoding: chunked\n\n%x\n%s\n0\n\n"})
  void takesUploadsUpToTenMegabytes(String framing) throws IOException {
    String upload = "POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=%s HTTP/1.1\n";
    int most = 10 << 20;
    Answer fits = ask(upload.formatted("max") + framing.formatted(most, "x".repeat(most)));
    assertThat(fits.status()).isEqualTo(200);
    assertThat(fits.headers()).containsEntry("content-type", "application/json");
    Answer big = ask(upload.formatted("big") + framing.formatted(most + 1, "x".repeat(most + 1)));
    assertThat(big.status()).isEqualTo(400);
    assertThat(big.body()).contains("Artifact size is too large. Max size is 10MB.");
    assertThat(shelf.files).containsOnlyKeys("r:max");
  }

  @ParameterizedTest
  @CsvSource({
    "'', Request must specify run_uuid.",
    "run_id=r&path=a, Request must specify run_uuid.",
    "run_uuid=r, Request must specify path.",
    "run_uuid=r&path=a, Request must specify data.",
  })
  void refusesUploadsThatLackSomething(String query, String message) throws IOException {
    String form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\n";
    for (String rest : List.of("Content-Length: 0\n\n", form + "Content-Length: 3\n\na=b")) {
      Answer answer =
          ask("POST /ajax-api/2.0/mlflow/upload-artifact?" + query + " HTTP/1.1\n" + rest);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains(message);
    }
    assertThat(shelf.files).isEmpty();
  }

  private Answer get(String path, String... headers) throws IOException {
    return ask("GET " + path + " HTTP/1.1\nAccept: */*\n" + String.join("\n", headers) + "\n\n");
  }

  private Answer head(String path, String... headers) throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      return client
          .send("HEAD " + path + " HTTP/1.1\nHost: x\n" + String.join("\n", headers) + "\n\n")
          .read(false);
    }
  }

  private Answer ask(String request) throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      return client.send(request.replaceFirst("\n", "\nHost: x\n")).read();
    }
  }

  /** Version 1 of each model is at one place; there are no others. */
  private static final class Versions extends ModelVersionServiceImplBase {
    @Override
    public void getModelVersionDownloadUri(
        GetModelVersionDownloadUriRequest request,
        StreamObserver<GetModelVersionDownloadUriResponse> observer) {
      if (!request.getVersion().equals("1")) {
        throw MillraceException.notFound(
            "No version %s of %s".formatted(request.getVersion(), request.getName()));
      }
      observer.onNext(
          GetModelVersionDownloadUriResponse.newBuilder()
              .setArtifactUri("mlflow-artifacts:/1/m-1")
              .build());
      observer.onCompleted();
    }
  }
}
