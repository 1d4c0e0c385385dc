package dev.millrace.projects.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.retry.Retries;
import dev.millrace.projects.spec.PathParameter;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.GetLatestVersionsResponse;
import dev.millrace.proto.GetModelVersionByAliasRequest;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.GetModelVersionDownloadUriResponse;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionResponse;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceImplBase;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where downloads of parameters are put, and which are refused; conformance/clients compares with
 * mlflow, and with the real store.
 */
@Timeout(60)
final class ParameterFilesTest {

  private static final SourceLimits LIMITS = new SourceLimits(10_000, 20, Duration.ofSeconds(20));

  private static final Retries ONCE = new Retries(0, note -> {});

  @TempDir Path temporary = Path.of("");

  private final List<String> notes = new CopyOnWriteArrayList<>();

  private final ArtifactShelf shelf = new ArtifactShelf();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Server server;
  private ManagedChannel channel;
  private HttpServer web;

  @BeforeEach
  void start() throws IOException {
    String name = UUID.randomUUID().toString();
    server =
        InProcessServerBuilder.forName(name)
            .addService(shelf)
            .addService(new Registry())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(threads);
    web.createContext("/", exchange -> answer(exchange, 200, "web"));
    web.start();
  }

  @AfterEach
  void stop() {
    web.stop(0);
    channel.shutdownNow();
    server.shutdownNow();
    threads.shutdownNow();
  }

  private static final class Registry extends ModelVersionServiceImplBase {

    @Override
    public void getModelVersionByAlias(
        GetModelVersionByAliasRequest request, StreamObserver<ModelVersionResponse> observer) {
      if (!request.getName().equals("a b") || !request.getAlias().equals("best")) {
        observer.onError(Errors.toStatus(MillraceException.notFound("No such alias")));
        return;
      }
      observer.onNext(ModelVersionResponse.newBuilder().setModelVersion(version("9")).build());
      observer.onCompleted();
    }

    @Override
    public void getLatestVersions(
        GetLatestVersionsRequest request, StreamObserver<GetLatestVersionsResponse> observer) {
      GetLatestVersionsResponse.Builder response = GetLatestVersionsResponse.newBuilder();
      if (request.getStagesList().isEmpty()) {
        response.addModelVersions(version("10"));
      }
      if (!request.getStagesList().equals(List.of("Archived"))) {
        response.addModelVersions(version("9"));
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }

    @Override
    public void getModelVersionDownloadUri(
        GetModelVersionDownloadUriRequest request,
        StreamObserver<GetModelVersionDownloadUriResponse> observer) {
      observer.onNext(
          GetModelVersionDownloadUriResponse.newBuilder()
              .setArtifactUri("runs:/r/" + request.getName() + request.getVersion())
              .build());
      observer.onCompleted();
    }

    private static ModelVersion version(String number) {
      return ModelVersion.newBuilder().setVersion(number).build();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "runs:/r/a.txt, /a.txt, a.txt=A",
    "RUNS:/r/a.txt, /a.txt, a.txt=A",
    "runs:/r/d/e/f, /f, f=F",
    "runs:/r/d, /d, d/e/f=F d/g=G",
    "runs:/r/d/, '', e/f=F g=G",
    "runs:/r/, '', a.txt=A d/e/f=F d/g=G",
    "runs:/r/a.txt?x#y, /a.txt, a.txt=A",
    "mlflow-artifacts:/s/t, /t, t=T",
    "mlflow-artifacts:/s, /s, s/t=T",
    "mlflow-artifacts:/, '', s/t=T",
    "models:/a b/9, '', x/y=Y",
    "models:/a b/9/, '', x/y=Y",
    "models:/a b/9/x, /x, x/y=Y",
    "models:/a b/9/x/y, /x/y, x/y=Y",
    "models:/a b@best, '', x/y=Y",
    "models:/a b@best/x/y, /x/y, x/y=Y",
    "models:/a b/Staging, '', x/y=Y",
    "models:/a b/Latest, '', MLmodel=M",
    "models:/m-1, '', MLmodel=M w/b=B",
  })
  void filesAreWhereMlflowPutsThem(String uri, String place, String expected) throws Exception {
    shelf.files.put("run/r/a.txt", "A");
    shelf.files.put("run/r/d/e/f", "F");
    shelf.files.put("run/r/d/g", "G");
    shelf.files.put("root/s/t", "T");
    shelf.files.put("uri/runs:/r/a b9/x/y", "Y");
    shelf.files.put("uri/runs:/r/a b10/MLmodel", "M");
    shelf.files.put("model/m-1/MLmodel", "M");
    shelf.files.put("model/m-1/w/b", "B");
    Path found = files("https").into(temporary, ONCE).fetch(parameter(uri));
    assertThat(found).isEqualTo(Path.of(temporary.resolve("param_3") + place));
    Map<String, String> content = content(temporary.resolve("param_3"));
    String meta = content.remove("registered_model_meta");
    StringBuilder text = new StringBuilder();
    content.forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
    assertThat(text.toString().strip()).isEqualTo(expected);
    assertThat(meta)
        .isEqualTo(
            switch (uri) {
              case "models:/a b/Latest" -> "model_name: a b\nmodel_version: '10'\n";
              case "models:/m-1" -> "model_name: null\nmodel_version: null\n";
              default -> null;
            });
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/x, cannot be downloaded: this server reads",
    "ftp://host/x, cannot be downloaded: this server reads",
    "file://host/x, cannot be downloaded: this server reads",
    "http://host/x, and files by https. The type uri leaves that to the code",
    "https://user:secret@host/x, must not hold a user",
    "https://host, names no file",
    "https://host/a/.., names no file",
    "https://host/a/?b, names no file",
    "https:///x:y, is no URL",
    "runs:/r, must be of the form runs:/",
    "runs://other/r/x, names another server",
    "runs:r/x, must begin with runs:/",
    "mlflow-artifacts://host/x, names another server",
    "models:/, must be of the form models:/",
    "models:/m//x, must be of the form models:/",
    "models:/m@, must be of the form models:/",
  })
  void whatIsNeverDownloadedIsKnownAtOnce(String uri, String reason) {
    assertThatThrownBy(() -> files("https").check(parameter(uri)))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessageContaining("Parameter 'data' is of the type path")
        .hasMessageContaining(reason);
  }

  @Test
  void hostsAreAllowedByName() {
    ParameterFiles some =
        new ParameterFiles(channel, channel, "https", "*.example.com", false, LIMITS);
    some.check(parameter("https://a.example.com/x"));
    assertThatThrownBy(() -> some.check(parameter("https://example.org/x")))
        .hasMessageContaining("not from this host");
    assertThatThrownBy(() -> new ParameterFiles(channel, channel, "ftp", "*", false, LIMITS))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new ParameterFiles(channel, channel, "", "*", false, LIMITS)
                    .check(parameter("https://a.example.com/x")))
        .hasMessageContaining("mlflow-artifacts:/. The type uri");
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertFails("runs:/r/none", ErrorCode.RESOURCE_DOES_NOT_EXIST, "No such artifact");
    assertFails("runs:/r/", ErrorCode.RESOURCE_DOES_NOT_EXIST, "There are no artifacts");
    assertFails("models:/a b/Archived", ErrorCode.RESOURCE_DOES_NOT_EXIST, "stage 'Archived'");
    assertFails("models:/a b@worst", ErrorCode.RESOURCE_DOES_NOT_EXIST, "No such alias");
  }

  @ParameterizedTest
  @CsvSource({"../evil", "a/../../evil", "..", "a\\..\\..\\evil"})
  void nothingIsWrittenElsewhere(String name) {
    shelf.listed.add(ArtifactShelf.file(name, false));
    assertFails("runs:/r/d", ErrorCode.INVALID_PARAMETER_VALUE, "attempts path traversal");
    shelf.listed.set(0, ArtifactShelf.file(name, true));
    assertFails("runs:/r/d", ErrorCode.INVALID_PARAMETER_VALUE, "attempts path traversal");
    assertThat(temporary.resolve("evil")).doesNotExist();
    assertThat(temporary.resolve("param_3/evil")).doesNotExist();
  }

  @Test
  void limitsAreThoseOfAllParametersTogether() throws Exception {
    shelf.files.put("run/r/a", "x".repeat(6000));
    ParameterFiles.Download download = files("https").into(temporary, ONCE);
    download.fetch(parameter("runs:/r/a"));
    assertThatThrownBy(() -> download.fetch(parameter("runs:/r/a")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Parameter 'data': 'runs:/r/a'")
        .hasMessageContaining("What the parameters name is larger than 10000 bytes");
    for (int i = 0; i < 30; i++) {
      shelf.files.put("run/many/" + i, "");
    }
    assertFails("runs:/many/", ErrorCode.INVALID_PARAMETER_VALUE, "has more than 20 files");
  }

  @Test
  void whatDoesNotComeWhollyIsAFailure() {
    shelf.files.put("run/r/a", "x");
    shelf.lie = 5;
    assertThatThrownBy(() -> files("https").into(temporary, ONCE).fetch(parameter("runs:/r/a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another size");
  }

  @Test
  void aStoreThatSaysNothingIsNotWaitedForForEver() {
    shelf.isStuck = true;
    ParameterFiles hasty =
        new ParameterFiles(
            channel, channel, "", "", false, new SourceLimits(1000, 10, Duration.ofMillis(300)));
    assertThatThrownBy(() -> hasty.into(temporary, ONCE).fetch(parameter("runs:/r/a")))
        .hasMessageContaining("could not be fetched within");
  }

  @Test
  void aDownloadCanBeInterrupted() throws Exception {
    shelf.isStuck = true;
    CountDownLatch isHanging = new CountDownLatch(1);
    web.createContext(
        "/hanging",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          isHanging.countDown();
        });
    for (String uri : List.of("runs:/r/a", url("/hanging"))) {
      AtomicReference<Exception> end = new AtomicReference<>();
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      files("http").into(temporary, ONCE).fetch(parameter(uri));
                    } catch (Exception e) {
                      end.set(e);
                    }
                  });
      if (uri.startsWith("http")) {
        isHanging.await();
      }
      Thread.sleep(200);
      thread.interrupt();
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
      assertThat(end.get()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void filesComeByHttp() throws Exception {
    web.createContext("/a/data.csv", exchange -> answer(exchange, 200, "1,2\n"));
    web.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/a/data.csv");
          answer(exchange, 302, "");
        });
    for (String path : List.of("/a/data.csv", "/a/data.csv?sig=1#x")) {
      Path found = files("http").into(temporary, ONCE).fetch(parameter(url(path)));
      assertThat(found).isEqualTo(temporary.resolve("param_3/data.csv")).hasContent("1,2\n");
    }
    // The name is the URL's, as the command's author knows it.
    assertThat(files("http").into(temporary, ONCE).fetch(parameter(url("/moved/%2e%2e%2fx"))))
        .isEqualTo(temporary.resolve("param_3/%2e%2e%2fx"))
        .hasContent("1,2\n");
  }

  @Test
  void whatHttpBringsIsNotTrusted() throws Exception {
    web.createContext("/none", exchange -> answer(exchange, 404, "no"));
    assertFails(url("/none"), ErrorCode.INVALID_PARAMETER_VALUE, "127.0.0.1 answered 404");
    web.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 1000; i++) {
              out.write(new byte[1000]);
            }
          }
        });
    assertFails(url("/endless"), ErrorCode.INVALID_PARAMETER_VALUE, "is larger than 10000 bytes");
    web.createContext(
        "/short",
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          exchange.close();
        });
    assertFails(url("/short"), ErrorCode.TEMPORARILY_UNAVAILABLE, "cannot be read from");
    for (String target :
        List.of("https://127.0.0.1:1/x", "file:///etc/passwd", "ftp://127.0.0.1/x")) {
      web.createContext(
          "/to" + target.length(),
          exchange -> {
            exchange.getResponseHeaders().add("Location", target);
            answer(exchange, 302, "");
          });
      assertThatThrownBy(
              () ->
                  files("http")
                      .into(temporary, ONCE)
                      .fetch(parameter(url("/to" + target.length()))))
          .isInstanceOf(MillraceException.class)
          .hasMessageMatching(".*(may not be fetched from|redirects to what is no URL).*");
    }
    web.createContext(
        "/round",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/round/x");
          answer(exchange, 307, "");
        });
    assertFails(url("/round/x"), ErrorCode.INVALID_PARAMETER_VALUE, "too many redirects");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"})
  void privateAddressesAreRefused(String host) {
    ParameterFiles careful = new ParameterFiles(channel, channel, "http", "*", false, LIMITS);
    String url = "http://" + host + ":" + web.getAddress().getPort() + "/x";
    assertThatThrownBy(() -> careful.into(temporary, ONCE).fetch(parameter(url)))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("cannot be connected to");
    assertThat(temporary.resolve("param_3")).isEmptyDirectory();
  }

  /** A whole process is ended while it sends, and another takes its place. */
  @Test
  void aStoreThatGoesAwayIsWaitedFor() throws Exception {
    String content = "x".repeat(9500);
    shelf.files.put("run/r/d/first", content);
    shelf.stopsMidway = true;
    Server before = serve(0);
    int port = before.getPort();
    ManagedChannel tcp =
        Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
            .build();
    Path file = temporary.resolve("param_3/d/first");
    CountDownLatch isAway = new CountDownLatch(1);
    List<Boolean> left = new CopyOnWriteArrayList<>();
    Retries retries =
        new Retries(
            12,
            Duration.ofMillis(100),
            note -> {
              notes.add(note);
              left.add(Files.exists(file));
              isAway.countDown();
            });
    Server after = null;
    try {
      var download =
          threads.submit(
              () ->
                  new ParameterFiles(tcp, tcp, "", "", false, LIMITS)
                      .into(temporary, retries)
                      .fetch(parameter("runs:/r/d")));
      while (!Files.exists(file) || Files.size(file) == 0) {
        Thread.sleep(10);
      }
      before.shutdownNow().awaitTermination();
      isAway.await();
      shelf.stopsMidway = false;
      after = serve(port);
      assertThat(download.get()).isEqualTo(temporary.resolve("param_3/d"));
      // With what had come before it was away, it would be more than the limit.
      assertThat(file).hasContent(content);
      assertThat(left).isNotEmpty().containsOnly(false);
      assertThat(notes.getFirst()).startsWith("[millrace: tried again in 0.1 s: ");
    } finally {
      tcp.shutdownNow();
      before.shutdownNow();
      if (after != null) {
        after.shutdownNow();
      }
    }
  }

  private Server serve(int port) throws IOException {
    return Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
        .addService(shelf)
        .build()
        .start();
  }

  @Test
  void eachCallIsTriedAgainByItselfAndNotForEver() throws Exception {
    shelf.files.put("run/r/a", "A");
    shelf.files.put("run/r/b", "B");
    shelf.outages.set(3);
    files("").into(temporary, hasty(3)).fetch(parameter("runs:/r/"));
    assertThat(content(temporary.resolve("param_3"))).isEqualTo(Map.of("a", "A", "b", "B"));
    assertThat(notes)
        .containsExactly(
            "[millrace: tried again in 0.001 s: The store is away]",
            "[millrace: tried again in 0.002 s: The store is away]",
            "[millrace: tried again in 0.004 s: The store is away]");
    shelf.outages.set(100);
    assertThatThrownBy(() -> files("").into(temporary, hasty(5)).fetch(parameter("runs:/r/")))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPORARILY_UNAVAILABLE))
        .hasMessageContaining("Parameter 'data': 'runs:/r/' cannot be downloaded: The store is");
    assertThat(shelf.outages).hasValue(94);
  }

  @Test
  void whatIsRefusedIsNotTriedAgain() {
    for (String uri : List.of("runs:/r/none", "models:/a b@worst")) {
      assertThatThrownBy(() -> files("").into(temporary, hasty(5)).fetch(parameter(uri)))
          .isInstanceOf(MillraceException.class);
    }
    AtomicInteger asked = new AtomicInteger();
    for (int code : List.of(400, 401, 403, 404, 410, 429)) {
      web.createContext(
          "/" + code,
          exchange -> {
            asked.incrementAndGet();
            answer(exchange, code, "no");
          });
      assertThatThrownBy(
              () -> files("http").into(temporary, hasty(5)).fetch(parameter(url("/" + code))))
          .hasMessageContaining("answered " + code);
    }
    assertThat(asked).hasValue(6);
    assertThat(notes).isEmpty();
  }

  @Test
  void aHostThatCannotNowIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    web.createContext(
        "/file",
        exchange -> {
          switch (asked.incrementAndGet()) {
            case 1 -> answer(exchange, 503, "");
            case 2 -> {
              exchange.sendResponseHeaders(200, 100);
              exchange.getResponseBody().write(1);
              exchange.getResponseBody().flush();
              exchange.close();
            }
            default -> answer(exchange, 200, "whole");
          }
        });
    Path found = files("http").into(temporary, hasty(2)).fetch(parameter(url("/file")));
    assertThat(found).hasContent("whole");
    assertThat(notes).hasSize(2);
    assertThat(notes.getFirst()).endsWith("127.0.0.1 answered 503]");
    assertThat(notes.getLast()).contains("127.0.0.1 cannot be read from: ");
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    notes.clear();
    assertThatThrownBy(
            () ->
                files("http")
                    .into(temporary, hasty(2))
                    .fetch(parameter("http://127.0.0.1:%d/x".formatted(nobody))))
        .hasMessageContaining("127.0.0.1 cannot be read from: ");
    assertThat(notes).hasSize(2);
  }

  @Test
  void aPauseCanBeInterrupted() throws Exception {
    shelf.outages.set(1);
    CountDownLatch isPausing = new CountDownLatch(1);
    Retries slow = new Retries(1, Duration.ofMinutes(5), note -> isPausing.countDown());
    AtomicReference<Exception> end = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    files("").into(temporary, slow).fetch(parameter("runs:/r/a"));
                  } catch (Exception e) {
                    end.set(e);
                  }
                });
    isPausing.await();
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }

  /** Pauses of milliseconds. */
  private Retries hasty(int most) {
    return new Retries(most, Duration.ofMillis(1), notes::add);
  }

  private void assertFails(String uri, ErrorCode code, String message) {
    assertThatThrownBy(() -> files("http").into(temporary, ONCE).fetch(parameter(uri)))
        .isInstanceOfSatisfying(MillraceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageStartingWith("Parameter 'data': '" + uri + "' cannot be downloaded: ")
        .hasMessageContaining(message);
  }

  private ParameterFiles files(String schemes) {
    return new ParameterFiles(channel, channel, schemes, "*", true, LIMITS);
  }

  private String url(String path) {
    return "http://127.0.0.1:" + web.getAddress().getPort() + path;
  }

  private static PathParameter parameter(String uri) {
    return new PathParameter("data", uri, "param_3");
  }

  private static void answer(HttpExchange exchange, int code, String text) throws IOException {
    exchange.sendResponseHeaders(code, text.isEmpty() ? -1 : text.length());
    if (!text.isEmpty()) {
      exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    }
    exchange.close();
  }

  private static Map<String, String> content(Path folder) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return content;
  }
}
