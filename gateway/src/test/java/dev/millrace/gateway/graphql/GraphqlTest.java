package dev.millrace.gateway.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.transcode.JsonValue;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentServiceGrpc.ExperimentServiceImplBase;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GetRunResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceImplBase;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunData;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunServiceGrpc.RunServiceImplBase;
import dev.millrace.proto.SearchModelVersionsRequest;
import dev.millrace.proto.SearchModelVersionsResponse;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SearchRunsResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GraphqlTest {

  private final List<String> calls = new ArrayList<>();
  private final Target target = new Target.InProcess("graphql-" + UUID.randomUUID());
  private final GrpcHost host =
      GrpcHost.start(
          target, () -> {}, Access.NONE, List.of(new Runs(), new Experiments(), new Versions()));
  private final ManagedChannel channel = target.connect();
  private final Graphql graphql = new Graphql(channel, channel, channel);

  @AfterEach
  void stop() {
    channel.shutdownNow();
    host.close();
  }

  @Test
  void whatIsNotSetIsItsDefault() {
    String query =
        """
        query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
          mlflowGetRun(input: $data) {
            apiError { code }
            run {
              __typename
              info { runUuid status startTime endTime }
              data { metrics { __typename key value step } tags { key } }
              inputs { datasetInputs { dataset { name } } }
            }
          }
        }
        """;
    assertThat(run(query, Map.of("data", Map.of("runUuid", "r1"))))
        .isEqualTo(
            """
            {"data":{"mlflowGetRun":{"apiError":null,"run":{"__typename":"MlflowRunExtension",\
            "info":{"runUuid":"r1","status":"RUNNING","startTime":"9007199254740993",\
            "endTime":"0"},"data":{"metrics":[{"__typename":"MlflowMetricExtension","key":"loss",\
            "value":0.5,"step":"0"},{"__typename":"MlflowMetricExtension","key":"none",\
            "value":null,"step":"0"}],"tags":[]},"inputs":{"datasetInputs":[]}}}},"errors":null}\
            """);
  }

  @Test
  void partsOfManyRunsAreAskedForAtOnce() {
    String query =
        """
        query S($i: MlflowSearchRunsInput!) {
          mlflowSearchRuns(input: $i) {
            runs { info { runId } experiment { name } modelVersions { name version } }
            nextPageToken
          }
        }
        """;
    String answer = run(query, Map.of("i", Map.of("experimentIds", List.of("7", "8"))));
    assertThat(answer)
        .contains(
            "{\"info\":{\"runId\":\"r0\"},\"experiment\":{\"name\":\"exp"
                + " 7\"},\"modelVersions\":[]}",
            "{\"info\":{\"runId\":\"r3\"},\"experiment\":{\"name\":\"exp 8\"},\"modelVersions\":"
                + "[{\"name\":\"m\",\"version\":\"1\"},{\"name\":\"m\",\"version\":\"2\"}]}");
    assertThat(calls).hasSize(5).containsOnlyOnce("experiment 7", "experiment 8");
  }

  @Test
  void errorsAreMessages() {
    String query =
        "query($r: MlflowGetRunInput!) { mlflowGetRun(input: $r) { run { info { runId } } } }";
    assertThat(run(query, Map.of("r", Map.of("runId", "gone"))))
        .isEqualTo("{\"data\":{\"mlflowGetRun\":null},\"errors\":[\"No run gone: 100%\"]}");
    assertThat(run(query, Map.of("r", Map.of("runId", "broken"))))
        .isEqualTo("{\"data\":{\"mlflowGetRun\":null},\"errors\":[\"Internal server error\"]}");
    assertThat(run("{ nope }", Map.of()))
        .startsWith("{\"data\":null,\"errors\":[\"")
        .contains("nope");
    assertThat(run("{", Map.of())).startsWith("{\"data\":null,\"errors\":[\"Invalid syntax");
    assertThat(calls).isEmpty();
  }

  @Test
  void costsAreBounded() {
    String run = "mlflowGetRun(input: {runId: \"r1\"}) { run { info { runId } } }";
    String many =
        IntStream.range(0, 11).mapToObj(i -> "a" + i + ": " + run).collect(Collectors.joining(" "));
    assertThat(run("{ " + many + " }", Map.of())).contains("at most 10 root fields, got 11");
    assertThat(run("{ ...F } fragment F on Query { " + many + " }", Map.of()))
        .contains("at most 10 root fields, got 11");
    String wide = "runId ".repeat(1001);
    assertThat(
            run(
                "{ mlflowGetRun(input: {runId: \"r1\"}) { run { info { " + wide + "} } } }",
                Map.of()))
        .startsWith("{\"data\":null,\"errors\":[");
    String deep = "{ ...F } fragment F on Query { ...F }";
    assertThat(run(deep, Map.of())).startsWith("{\"data\":null,\"errors\":[");
    assertThat(run("{ " + "a { ".repeat(5000) + "} ".repeat(5001), Map.of()))
        .startsWith("{\"data\":null,\"errors\":[");
    assertThat(run("{ __schema { types { name } } }", Map.of())).contains("ntrospection");
    assertThat(calls).isEmpty();
  }

  private String run(String query, Map<String, Object> variables) {
    return JsonValue.dumps(graphql.execute(query, null, variables));
  }

  private static Run newRun(String runId, String experimentId) {
    return Run.newBuilder()
        .setInfo(RunInfo.newBuilder().setRunId(runId).setExperimentId(experimentId))
        .build();
  }

  private final class Runs extends RunServiceImplBase {
    @Override
    public void getRun(GetRunRequest request, StreamObserver<GetRunResponse> observer) {
      switch (request.getRunId()) {
        case "gone" -> throw MillraceException.notFound("No run gone: 100%");
        case "broken" -> throw new IllegalStateException("expected by the test");
        default -> calls.add("run");
      }
      Run.Builder run = newRun(request.getRunId(), "7").toBuilder();
      run.getInfoBuilder().setRunUuid(request.getRunId()).setStartTime(9007199254740993L);
      run.setData(
          RunData.newBuilder()
              .addMetrics(Metric.newBuilder().setKey("loss").setValue(0.5))
              .addMetrics(Metric.newBuilder().setKey("none").setValue(Double.NaN)));
      observer.onNext(GetRunResponse.newBuilder().setRun(run).build());
      observer.onCompleted();
    }

    @Override
    public void searchRuns(SearchRunsRequest request, StreamObserver<SearchRunsResponse> observer) {
      calls.add("search");
      SearchRunsResponse.Builder response = SearchRunsResponse.newBuilder();
      for (int i = 0; i < 4; i++) {
        response.addRuns(newRun("r" + i, request.getExperimentIds(i / 2)));
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }
  }

  private final class Experiments extends ExperimentServiceImplBase {
    @Override
    public void getExperiment(
        GetExperimentRequest request, StreamObserver<GetExperimentResponse> observer) {
      calls.add("experiment " + request.getExperimentId());
      observer.onNext(
          GetExperimentResponse.newBuilder()
              .setExperiment(Experiment.newBuilder().setName("exp " + request.getExperimentId()))
              .build());
      observer.onCompleted();
    }
  }

  /** Two versions of one run, on two pages. */
  private final class Versions extends ModelVersionServiceImplBase {
    @Override
    public void searchModelVersions(
        SearchModelVersionsRequest request, StreamObserver<SearchModelVersionsResponse> observer) {
      assertThat(request.getFilter()).isEqualTo("run_id IN ('r0', 'r1', 'r2', 'r3')");
      calls.add("versions");
      boolean isFirst = request.getPageToken().isEmpty();
      SearchModelVersionsResponse.Builder response =
          SearchModelVersionsResponse.newBuilder()
              .addModelVersions(
                  ModelVersion.newBuilder()
                      .setName("m")
                      .setVersion(isFirst ? "1" : "2")
                      .setRunId("r3"));
      if (isFirst) {
        response.setNextPageToken("2");
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }
  }
}
