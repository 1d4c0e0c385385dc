package dev.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.http.RawClient;
import dev.millrace.gateway.http.RawClient.Answer;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.AuthenticateJobRequest;
import dev.millrace.proto.AuthenticateJobResponse;
import dev.millrace.proto.DeleteArtifactRequest;
import dev.millrace.proto.DeleteArtifactResponse;
import dev.millrace.proto.FinalizeLoggedModelRequest;
import dev.millrace.proto.FinalizeLoggedModelResponse;
import dev.millrace.proto.GetArtifactCapabilitiesRequest;
import dev.millrace.proto.GetArtifactCapabilitiesResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GetRunResponse;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.LoggedModel;
import dev.millrace.proto.LoggedModelInfo;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunData;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunTag;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SearchRunsResponse;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.SetTagResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gateway in front of small services that are reached by real gRPC. */
@Timeout(60)
class GatewayTest {

  private static final int MAX_BODY_BYTES = 1000;
  private static final String RUNS = "/api/2.0/mlflow/runs/";

  private final AtomicReference<String> deletedPath = new AtomicReference<>();
  private final AtomicInteger partsSent = new AtomicInteger();
  private final CountDownLatch searchEnded = new CountDownLatch(1);
  private final Map<String, String> running = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile boolean ready = true;
  private GrpcHost services = start();
  private Gateway gateway = gateway("", "");

  private GrpcHost start() {
    return GrpcHost.start(
        Target.parse("127.0.0.1:0"),
        () -> {
          if (!ready) {
            throw new IllegalStateException("expected by the test");
          }
        },
        Access.NONE,
        List.of(new Runs(), new Models(), new Artifacts(), new Jobs()));
  }

  private Gateway gateway(String hosts, String origins) {
    return gateway(hosts, origins, 100, MAX_BODY_BYTES, 0);
  }

  private Gateway gateway(
      String hosts, String origins, int maxRequests, int maxBodyBytes, long maxBodiesBytes) {
    String target = "127.0.0.1:" + services.port();
    return new Gateway(
        new GatewayConfiguration(
            "127.0.0.1",
            0,
            target,
            target,
            target,
            target,
            hosts,
            origins,
            "",
            maxRequests,
            maxBodyBytes,
            maxBodiesBytes));
  }

  @BeforeEach
  void startGateway() {
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.stop();
    services.close();
  }

  @Test
  void callsPassInBothPaths() throws IOException {
    for (String path : List.of("/api/2.0/mlflow/runs/get", "/ajax-api/2.0/mlflow/runs/get")) {
      Answer answer = get(path + "?run_id=r%C3%A9");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers())
          .containsEntry("content-type", "application/json")
          .containsEntry("x-content-type-options", "nosniff")
          .containsEntry("x-frame-options", "SAMEORIGIN")
          .containsEntry("vary", "Origin");
      assertThat(answer.body()).isEqualTo("{\"run\":{\"info\":{\"run_id\":\"r\u00c3\u00a9\"}}}");
    }
  }

  @Test
  void anOverloadedGatewayTellsClientsToComeBack() throws IOException {
    gateway.stop();
    gateway = gateway("", "", 0, MAX_BODY_BYTES, 0);
    gateway.start();
    Answer answer = get(RUNS + "get?run_id=r");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.headers()).containsEntry("retry-after", "1");
    assertThat(answer.body())
        .isEqualTo(
            "{\"error_code\":\"RESOURCE_EXHAUSTED\","
                + "\"message\":\"Too many requests at a time; try again later\"}");
    assertThat(get("/health").status()).isEqualTo(200);
  }

  /** A body has room alone, whatever its size; what else is large has to wait for it. */
  @Test
  void largeBodiesAreTakenAsFarAsThereIsRoom() throws Exception {
    gateway.stop();
    gateway = gateway("", "", 100, 8 << 20, 100_000);
    gateway.start();
    String large =
        "{\"run_id\": \"r\", \"key\": \"k\", \"value\": \"%s\"}".formatted("x".repeat(300_000));
    assertThat(post(RUNS + "set-tag", large).status()).isEqualTo(200);
    try (RawClient slow = halfOf(large)) {
      Answer answer = post(RUNS + "set-tag", large);
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.headers()).containsEntry("retry-after", "1");
      assertThat(answer.body())
          .contains("RESOURCE_EXHAUSTED", "Too many large requests at a time; try again later");
      assertThat(post(RUNS + "set-tag", "{\"run_id\": \"r\", \"key\": \"k\"}").status())
          .isEqualTo(200);
      slow.send(large.substring(large.length() / 2));
      assertThat(slow.read().status()).isEqualTo(200);
    }
    assertThat(post(RUNS + "set-tag", large).status()).isEqualTo(200);
    // One that is broken off leaves its room, too.
    halfOf(large).abort();
    int status = 429;
    for (int i = 0; i < 100 && status == 429; i++) {
      Thread.sleep(20);
      status = post(RUNS + "set-tag", large).status();
    }
    assertThat(status).isEqualTo(200);
  }

  /** A client that has sent half of a body, which has its room. */
  private RawClient halfOf(String body) throws Exception {
    RawClient client = new RawClient(gateway.port());
    client.send(
        "POST %sset-tag HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: %d\n\n"
            .formatted(RUNS, body.length()));
    client.send(body.substring(0, body.length() / 2));
    while (gateway.bodyBytes() < body.length() / 2) {
      Thread.sleep(5);
    }
    return client;
  }

  @Test
  void jobsAreKnownByTheirTokens() throws Exception {
    JobToken token = JobToken.random();
    assertThat(get(RUNS + "get?run_id=who").body()).contains("\"run_id\":\"null null\"");
    assertThat(asked).hasValue(0);
    assertThat(getAs("Bearer " + token.text())).satisfies(GatewayTest::isRefused);
    running.put(token.text(), "r1");
    for (int i = 0; i < 5; i++) {
      assertThat(getAs("Bearer " + token.text()).body()).contains("\"run_id\":\"anna r1\"");
    }
    assertThat(asked.get()).isLessThan(5);
    // Other tokens are not for it, and cost nothing.
    int before = asked.get();
    assertThat(getAs("Bearer abc").body()).contains("\"run_id\":\"null null\"");
    assertThat(asked).hasValue(before);
    running.clear();
    Thread.sleep(JobToken.BELIEVED);
    assertThat(getAs("Bearer " + token.text())).satisfies(GatewayTest::isRefused);
  }

  private static void isRefused(Answer answer) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.headers())
        .containsEntry("www-authenticate", "Bearer error=\"invalid_token\"");
    assertThat(answer.body())
        .isEqualTo("{\"error_code\":\"UNAUTHENTICATED\",\"message\":\"Not any more\"}");
  }

  private Answer getAs(String authorization) throws IOException {
    try (RawClient client = new RawClient(gateway.port())) {
      return client
          .send(
              "GET %sget?run_id=who HTTP/1.1\nHost: localhost\nAuthorization: %s\n\n"
                  .formatted(RUNS, authorization))
          .read();
    }
  }

  @Test
  void successWithoutContentIsAnEmptyObject() throws IOException {
    assertThat(post(RUNS + "set-tag", "{\"run_id\": \"r\", \"key\": \"k\"}").body())
        .isEqualTo("{}");
  }

  @Test
  void errorsOfServicesKeepCodeMessageAndStatus() throws IOException {
    Answer answer = post(RUNS + "set-tag", "{\"run_id\": \"gone\", \"key\": \"k\"}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.headers()).containsEntry("content-type", "application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"No \\\"gone\\\"\","
                + "\"sqlstate\":\"KAM00\",\"error_class\":\"RESOURCE_NOT_FOUND\"}");
    assertThat(post(RUNS + "set-tag", "{\"run_id\": \"broken\", \"key\": \"k\"}").body())
        .contains("INTERNAL_ERROR", "Internal server error")
        .doesNotContain("expected by the test");
  }

  @Test
  void serviceThatIsGoneIsTemporarilyUnavailable() throws IOException {
    services.close();
    Answer answer = get(RUNS + "get?run_id=r");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("TEMPORARILY_UNAVAILABLE");
  }

  @Test
  void methodOfTheContractThatNoServiceHasIsNotImplemented() throws IOException {
    Answer answer = post(RUNS + "delete", "{\"run_id\": \"r\"}");
    assertThat(answer.status()).isEqualTo(501);
    assertThat(answer.body()).contains("NOT_IMPLEMENTED");
  }

  @Test
  void endpointsToComeAreNotFoundInJson() throws IOException {
    for (String path :
        List.of("/api/3.0/mlflow/traces", "/ajax-api/3.0/mlflow/scorers/register", "/v1/traces")) {
      Answer answer = post(path, "{}");
      assertThat(answer.status()).as(path).isEqualTo(404);
      assertThat(answer.body()).contains("\"error_code\":\"ENDPOINT_NOT_FOUND\"");
    }
    Answer answer = get("/api/2.0/mlflow/users/current");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.headers()).containsEntry("content-type", "text/html; charset=utf-8");
  }

  /** The UI is told what is switched off; clients that there is no such endpoint. */
  @Test
  void uiLearnsWhatThereIsNot() throws IOException {
    Answer telemetry = get("/ajax-api/3.0/mlflow/ui-telemetry");
    assertThat(telemetry.status()).isEqualTo(200);
    assertThat(telemetry.body()).contains("\"disable_ui_telemetry\":true");
    assertThat(post("/ajax-api/3.0/mlflow/traces/search", "{}").body()).isEqualTo("{}");
    assertThat(post("/api/3.0/mlflow/traces/search", "{}").status()).isEqualTo(404);
  }

  @Test
  void bodyMustBeJsonOfABoundedSize() throws IOException {
    String big = "{\"run_id\": \"" + "r".repeat(2 * MAX_BODY_BYTES) + "\"}";
    Answer declared = post(RUNS + "set-tag", big);
    assertThat(declared.status()).isEqualTo(413);
    assertThat(declared.body())
        .contains("INVALID_PARAMETER_VALUE", "1000 bytes that millrace.gateway.max-body-bytes");
    Answer chunked =
        exchange(
            "POST %sset-tag HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n%s\n%s\n0\n\n"
                .formatted(RUNS, Integer.toHexString(big.length()), big));
    assertThat(chunked.status()).isEqualTo(413);
    assertThat(
            exchange(
                    "POST %sset-tag HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n"
                        .formatted(RUNS))
                .body())
        .contains("Content-Type header is missing");
  }

  @Test
  void largeAnswersStream() throws IOException {
    Answer answer = post(RUNS + "search", "{\"max_results\": 2000}");
    assertThat(answer.headers()).containsEntry("transfer-encoding", "chunked");
    assertThat(answer.body())
        .hasSizeGreaterThan(2_000_000)
        .startsWith("{\"runs\":[{\"info\":{\"run_id\":\"r0\"}")
        .contains("{\"run_id\":\"r1999\"}")
        .endsWith("}}],\"next_page_token\":\"next\"}");
    assertThat(post(RUNS + "search", "{\"max_results\": 0}").body())
        .isEqualTo("{\"next_page_token\":\"next\"}");
  }

  @Test
  void anAnswerThatCannotBeginIsAnError() throws IOException {
    Answer answer = post(RUNS + "search", "{\"max_results\": 9, \"filter\": \"fails at 0\"}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body()).contains("RESOURCE_DOES_NOT_EXIST");
  }

  /** A client must be able to tell that it has not got everything. */
  @Test
  void anAnswerThatBreaksOffIsNotEnded() throws IOException {
    try (RawClient client = new RawClient(gateway.port())) {
      String all = client.send(search("fails at 5")).readToEnd();
      assertThat(all).startsWith("HTTP/1.1 200").contains("r100").doesNotContain("r500");
      assertThat(all).doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void nobodyWorksForAClientThatDoesNotReadOrIsGone() throws Exception {
    try (RawClient client = new RawClient(gateway.port())) {
      client.send(search(""));
      assertThat(client.in().read()).isEqualTo('H');
      int sent;
      do {
        sent = partsSent.get();
        Thread.sleep(300);
      } while (partsSent.get() != sent);
      // 50 MB are wanted; what is on its way are buffers.
      assertThat(sent).isLessThan(200);
      client.abort();
      assertThat(searchEnded.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static String search(String filter) {
    String body = "{\"max_results\": 50000, \"filter\": \"" + filter + "\"}";
    return "POST %ssearch HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: %d\n\n%s"
        .formatted(RUNS, body.length(), body);
  }

  @Test
  void pathVariablesWinOverTheBodyWhichIsCheckedAlone() throws IOException {
    String path = "/api/2.0/mlflow/logged-models/m-1";
    assertThat(patch(path, "{\"status\": 2}").body())
        .contains("Missing value for required parameter 'model_id'");
    assertThat(patch(path, "{\"model_id\": \"m-2\", \"status\": 2}").body())
        .isEqualTo(
            "{\"model\":{\"info\":{\"model_id\":\"m-1\",\"status\":\"LOGGED_MODEL_READY\"}}}");
  }

  @Test
  void restOfAPathIsDecodedOnce() throws IOException {
    Answer answer =
        exchange(
            "DELETE %s/1/a%%20b/%%252e%%2F/ HTTP/1.1\nHost: localhost\n\n"
                .formatted("/api/2.0/mlflow-artifacts/artifacts"));
    assertThat(answer.body()).isEqualTo("{}");
    assertThat(deletedPath.get()).isEqualTo("1/a b/%2e//");
  }

  @Test
  void healthLooksAtTheServices() throws IOException {
    assertThat(get("/health").body()).isEqualTo("OK");
    ready = false;
    Answer answer = get("/health");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body())
        .isEqualTo(
            "Not serving: tracking-store, artifact-store, registry-service, projects-runner");
  }

  @Test
  void serverInfoTellsWhatTheArtifactStoreCan() throws IOException {
    assertThat(get("/api/3.0/mlflow/server-info").body())
        .contains("\"multipart_uploads_enabled\":true,\"multipart_downloads_enabled\":false");
    services.close();
    assertThat(get("/ajax-api/3.0/mlflow/server-info").body())
        .contains("\"multipart_uploads_enabled\":false");
    assertThat(get("/version").body()).isEqualTo("3.17.2");
  }

  @Test
  void requestThatNamesAWorkspaceIsRefused() throws IOException {
    String request = "GET %s HTTP/1.1\nHost: localhost\nX-MLflow-Workspace: default\n\n";
    assertThat(exchange(request.formatted("/health")).body()).contains("FEATURE_DISABLED");
    assertThat(exchange(request.formatted("/api/3.0/mlflow/server-info")).status()).isEqualTo(200);
  }

  @Test
  void hostsAndOriginsCanBeChosen() throws IOException {
    gateway.stop();
    gateway = gateway("*.example.com, one:5000", "https://ui.example.com,http://*.lab");
    gateway.start();
    assertThat(hosted("a.example.com", "").status()).isEqualTo(200);
    assertThat(hosted("one:5000", "").status()).isEqualTo(200);
    assertThat(hosted("localhost", "").status()).isEqualTo(403);
    Answer allowed = hosted("one:5000", "https://ui.example.com");
    assertThat(allowed.status()).isEqualTo(200);
    assertThat(allowed.headers())
        .containsEntry("access-control-allow-origin", "https://ui.example.com");
    assertThat(hosted("one:5000", "http://x.lab").status()).isEqualTo(200);
    Answer blocked = hosted("one:5000", "https://evil.example");
    assertThat(blocked.status()).isEqualTo(403);
    assertThat(blocked.headers()).doesNotContainKey("access-control-allow-origin");

    gateway.stop();
    gateway = gateway("*", "*");
    gateway.start();
    Answer any = hosted("any", "https://evil.example");
    assertThat(any.status()).isEqualTo(200);
    assertThat(any.headers())
        .containsEntry("access-control-allow-origin", "*")
        .doesNotContainKey("access-control-allow-credentials");
  }

  private Answer hosted(String host, String origin) throws IOException {
    String body = "{\"run_id\": \"r\", \"key\": \"k\"}";
    return exchange(
        "POST %sset-tag HTTP/1.1\nHost: %s\nOrigin: %s\nContent-Type: application/json\nContent-Length: %d\n\n%s"
            .formatted(RUNS, host, origin, body.length(), body));
  }

  private Answer get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\nHost: localhost\n\n");
  }

  private Answer post(String path, String body) throws IOException {
    return send("POST", path, body);
  }

  private Answer patch(String path, String body) throws IOException {
    return send("PATCH", path, body);
  }

  private Answer send(String method, String path, String body) throws IOException {
    return exchange(
        "%s %s HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: %d\n\n%s"
            .formatted(method, path, body.length(), body));
  }

  private Answer exchange(String request) throws IOException {
    try (RawClient client = new RawClient(gateway.port())) {
      return client.send(request).read();
    }
  }

  private final class Runs extends RunServiceGrpc.RunServiceImplBase {

    @Override
    public void getRun(GetRunRequest request, StreamObserver<GetRunResponse> observer) {
      Caller caller = Caller.current();
      String id =
          request.getRunId().equals("who")
              ? caller.user() + " " + caller.run()
              : request.getRunId();
      observer.onNext(GetRunResponse.newBuilder().setRun(run(id)).build());
      observer.onCompleted();
    }

    @Override
    public void setTag(SetTagRequest request, StreamObserver<SetTagResponse> observer) {
      switch (request.getRunId()) {
        case "gone" ->
            throw new MillraceException(ErrorCode.RESOURCE_DOES_NOT_EXIST, "No \"gone\"");
        case "broken" -> throw new IllegalStateException("expected by the test");
        default -> {
          observer.onNext(SetTagResponse.getDefaultInstance());
          observer.onCompleted();
        }
      }
    }

    /** Parts of 100 runs; what the filter says happens at the number that follows it. */
    @Override
    public void searchRuns(SearchRunsRequest request, StreamObserver<SearchRunsResponse> observer) {
      Context.current().addListener(_ -> searchEnded.countDown(), Runnable::run);
      int count = request.getMaxResults();
      RunData data =
          RunData.newBuilder()
              .addTags(RunTag.newBuilder().setKey("note").setValue("x".repeat(1000)))
              .build();
      Iterator<Integer> parts = IntStream.rangeClosed(0, count / 100).iterator();
      Parts.send(
          observer,
          parts,
          part -> {
            if (request.getFilter().equals("fails at " + part)) {
              throw MillraceException.notFound("expected by the test");
            }
            partsSent.set(part);
            SearchRunsResponse.Builder page = SearchRunsResponse.newBuilder();
            for (int i = 100 * part; i < Math.min(count, 100 * part + 100); i++) {
              page.addRuns(run("r" + i).setData(data));
            }
            return parts.hasNext() ? page.build() : page.setNextPageToken("next").build();
          });
    }

    private Run.Builder run(String id) {
      return Run.newBuilder().setInfo(RunInfo.newBuilder().setRunId(id));
    }
  }

  private final class Jobs extends JobServiceGrpc.JobServiceImplBase {

    @Override
    public void authenticateJob(
        AuthenticateJobRequest request, StreamObserver<AuthenticateJobResponse> observer) {
      asked.incrementAndGet();
      String run = running.get(request.getToken());
      if (run == null) {
        throw new MillraceException(ErrorCode.UNAUTHENTICATED, "Not any more");
      }
      observer.onNext(AuthenticateJobResponse.newBuilder().setRunId(run).setUser("anna").build());
      observer.onCompleted();
    }
  }

  private static final class Models extends LoggedModelServiceGrpc.LoggedModelServiceImplBase {

    @Override
    public void finalizeLoggedModel(
        FinalizeLoggedModelRequest request, StreamObserver<FinalizeLoggedModelResponse> observer) {
      observer.onNext(
          FinalizeLoggedModelResponse.newBuilder()
              .setModel(
                  LoggedModel.newBuilder()
                      .setInfo(
                          LoggedModelInfo.newBuilder()
                              .setModelId(request.getModelId())
                              .setStatus(request.getStatus())))
              .build());
      observer.onCompleted();
    }
  }

  private final class Artifacts extends ArtifactServiceGrpc.ArtifactServiceImplBase {

    @Override
    public void deleteArtifact(
        DeleteArtifactRequest request, StreamObserver<DeleteArtifactResponse> observer) {
      deletedPath.set(request.getArtifactPath());
      observer.onNext(DeleteArtifactResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void getArtifactCapabilities(
        GetArtifactCapabilitiesRequest request,
        StreamObserver<GetArtifactCapabilitiesResponse> observer) {
      observer.onNext(
          GetArtifactCapabilitiesResponse.newBuilder().setMultipartUpload(true).build());
      observer.onCompleted();
    }
  }
}
