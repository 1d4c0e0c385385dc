package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.Dataset;
import dev.millrace.proto.DatasetInput;
import dev.millrace.proto.InputTag;
import dev.millrace.proto.LogInputsRequest;
import dev.millrace.proto.LogModelRequest;
import dev.millrace.proto.LogOutputsRequest;
import dev.millrace.proto.ModelInput;
import dev.millrace.proto.ModelOutput;
import dev.millrace.proto.RunTag;
import dev.millrace.testing.Together;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class InputContract extends TrackingContract {

  private static final String NO_RUN = "0".repeat(32);

  private void logInputs(String runId, DatasetInput... inputs) {
    runs.logInputs(
        LogInputsRequest.newBuilder().setRunId(runId).addAllDatasets(List.of(inputs)).build());
  }

  private void logModels(String runId, String... modelIds) {
    LogInputsRequest.Builder request = LogInputsRequest.newBuilder().setRunId(runId);
    for (String modelId : modelIds) {
      request.addModels(ModelInput.newBuilder().setModelId(modelId));
    }
    runs.logInputs(request.build());
  }

  private void logOutputs(String runId, ModelOutput... outputs) {
    runs.logOutputs(
        LogOutputsRequest.newBuilder().setRunId(runId).addAllModels(List.of(outputs)).build());
  }

  private static ModelOutput output(String modelId, long step) {
    return ModelOutput.newBuilder().setModelId(modelId).setStep(step).build();
  }

  private static Dataset.Builder dataset(String name, String digest) {
    return Dataset.newBuilder()
        .setName(name)
        .setDigest(digest)
        .setSourceType("local")
        .setSource("file");
  }

  private static DatasetInput input(Dataset.Builder dataset, String... tags) {
    DatasetInput.Builder input = DatasetInput.newBuilder().setDataset(dataset);
    for (int i = 0; i < tags.length; i += 2) {
      input.addTags(InputTag.newBuilder().setKey(tags[i]).setValue(tags[i + 1]));
    }
    return input.build();
  }

  private List<DatasetInput> inputs(String runId) {
    return run(runId).getInputs().getDatasetInputsList();
  }

  @Test
  final void datasetsReadBackEqual() {
    String run = newRun(newExperiment());
    DatasetInput full =
        input(
            dataset("iris", "d1").setSchema("{\"ü\":1}").setProfile("{}"),
            "",
            "",
            "mlflow.data.context",
            "train");
    DatasetInput plain = input(dataset("", ""));
    logInputs(run, full, plain);
    // Datasets come in the order in which the run told them, tags in that of their keys.
    assertThat(inputs(run)).containsExactly(full, plain);
    assertThat(inputs(run).getLast().getDataset().hasSchema()).isFalse();
  }

  @Test
  final void eachRunKeepsItsOrder() {
    String experiment = newExperiment();
    List<DatasetInput> told =
        "cabed"
            .chars()
            .mapToObj(letter -> input(dataset(Character.toString(letter), "1")))
            .toList();
    for (List<DatasetInput> order : List.of(told, told.reversed())) {
      String run = newRun(experiment);
      logInputs(run, order.subList(0, 3).toArray(DatasetInput[]::new));
      logInputs(run, order.subList(2, 5).toArray(DatasetInput[]::new));
      assertThat(inputs(run)).isEqualTo(order);
    }
  }

  @Test
  final void whatIsLoggedAgainStaysAsItWas() {
    String run = newRun(newExperiment());
    DatasetInput first = input(dataset("iris", "d1"), "mlflow.data.context", "train");
    logInputs(run, first, input(dataset("iris", "d1"), "other", "tag"));
    logInputs(run, first);
    logInputs(run, input(dataset("iris", "d1").setSource("elsewhere"), "k", "v"));
    logInputs(run);
    assertThat(inputs(run)).containsExactly(first);
  }

  @Test
  final void datasetsAreSharedWithinAnExperiment() {
    String experiment = newExperiment();
    String one = newRun(experiment);
    String two = newRun(experiment);
    String elsewhere = newRun(newExperiment());
    logInputs(one, input(dataset("iris", "d1").setSchema("s1"), "k", "1"));
    logInputs(two, input(dataset("iris", "d1").setSchema("s2"), "k", "2"));
    logInputs(elsewhere, input(dataset("iris", "d1").setSchema("s3")));
    assertThat(inputs(two)).containsExactly(input(dataset("iris", "d1").setSchema("s1"), "k", "2"));
    assertThat(inputs(elsewhere).getFirst().getDataset().getSchema()).isEqualTo("s3");
  }

  @Test
  final void overlongAndDoubleTexts() {
    String run = newRun(newExperiment());
    record Case(String parameter, int limit, DatasetInput input) {}
    for (Case bad :
        List.of(
            new Case("name", 500, input(dataset("x".repeat(501), ""))),
            new Case("digest", 36, input(dataset("", "x".repeat(37)))),
            new Case("source", 65535, input(dataset("", "").setSource("x".repeat(65536)))),
            new Case("schema", 1048575, input(dataset("", "").setSchema("x".repeat(1048576)))),
            new Case("profile", 1048575, input(dataset("", "").setProfile("x".repeat(1048576)))),
            new Case("key", 255, input(dataset("", ""), "x".repeat(256), "")),
            new Case("value", 500, input(dataset("", ""), "", "x".repeat(501))))) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "'%s' exceeds the maximum length of %d characters".formatted(bad.parameter, bad.limit),
          () -> logInputs(run, input(dataset("good", "d")), bad.input));
    }
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The tag 'a' of dataset 'iris' comes twice",
        () -> logInputs(run, input(dataset("iris", "d"), "a", "1", "a", "1")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'model_id' exceeds the maximum length of 36 characters",
        () -> logModels(run, "m".repeat(37)));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'model_id' exceeds the maximum length of 36 characters",
        () -> logOutputs(run, output("m".repeat(37), 0)));
    assertThat(inputs(run)).isEmpty();
  }

  @Test
  final void longestTextsFit() {
    String run = newRun(newExperiment());
    DatasetInput longest =
        input(
            dataset("日".repeat(500), "日".repeat(36))
                .setSourceType("t".repeat(1000))
                .setSource("日".repeat(65535))
                .setSchema("s".repeat(1048575))
                .setProfile("p".repeat(1048575)),
            "日".repeat(255),
            "日".repeat(500));
    logInputs(run, longest);
    assertThat(inputs(run)).containsExactly(longest);
  }

  @Test
  final void modelsAreInputsAndOutputs() {
    String run = newRun(newExperiment());
    logModels(run, "m-1", "", "m-1");
    logModels(run, "m-1", "m-none");
    assertThat(run(run).getInputs().getModelInputsList())
        .extracting(ModelInput::getModelId)
        .containsExactly("", "m-1", "m-none");
    logOutputs(run, output("m-2", 1L << 40), output("", -1), output("m-2", 1L << 40));
    // A retry.
    logOutputs(run, output("m-2", 1L << 40), output("m-3", 0));
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The run %s has logged model 'm-2' as an output of another step already".formatted(run),
        () -> logOutputs(run, output("m-4", 0), output("m-2", 0)));
    assertThat(run(run).getOutputs().getModelOutputsList())
        .containsExactly(output("", -1), output("m-3", 0), output("m-2", 1L << 40));
  }

  @Test
  final void runsThatCannotTakeThem() {
    ModelOutput output = output("m-1", 0);
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Run with id=%s not found".formatted(NO_RUN),
        () -> logInputs(NO_RUN, input(dataset("iris", "d"))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value \"a b\" for parameter 'run_id' supplied.",
        () -> logInputs("a b"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Run with id=a b not found",
        () -> logOutputs("a b", output));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Run with id=%s not found".formatted(NO_RUN),
        () -> logModel(NO_RUN, model("x")));
  }

  @Test
  final void aDatasetLoggedByManyRunsAtOnceIsOne() {
    String experiment = newExperiment();
    List<String> all = IntStream.range(0, 32).mapToObj(_ -> newRun(experiment)).toList();
    Together.run(
        32,
        i -> {
          DatasetInput one = input(dataset("one", "d"), "mlflow.data.context", "train");
          DatasetInput two = input(dataset("two", "d"), "mlflow.data.context", "eval");
          DatasetInput own = input(dataset("own " + i, "d"));
          logInputs(all.get(i), i % 2 == 0 ? one : two, own, i % 2 == 0 ? two : one);
        });
    assertThat(all).allSatisfy(run -> assertThat(inputs(run)).hasSize(3));
    assertThat(datasetsIn(experiment)).isEqualTo(2 + 32);
  }

  @Test
  final void aRunLoggedToByManyAtOnce() {
    String run = newRun(newExperiment());
    DatasetInput shared = input(dataset("shared", "d"), "a", "1", "b", "2");
    Together.run(
        16,
        i -> {
          logInputs(run, shared);
          logModels(run, "m-" + i % 4, "m-" + (i + 1) % 4);
          logOutputs(run, output("m-" + i % 4, 1), output("m-" + (i + 1) % 4, 1));
          logModel(run, model("path" + i));
        });
    assertThat(inputs(run)).containsExactly(shared);
    assertThat(run(run).getInputs().getModelInputsCount()).isEqualTo(4);
    assertThat(run(run).getOutputs().getModelOutputsCount()).isEqualTo(4);
    assertThat(history(run).split("artifact_path", -1)).hasSize(17);
  }

  @Test
  final void statementsDoNotDependOnHowMany() {
    String experiment = newExperiment();
    String run = newRun(experiment);
    DatasetInput[] many =
        IntStream.range(0, 1001)
            .mapToObj(i -> input(dataset("set", "d" + i), "k", "v"))
            .toArray(DatasetInput[]::new);
    // The run; the datasets, which are new; the run's inputs, new ones, their tags, their contexts.
    assertThat(statements(() -> logInputs(run, many))).isEqualTo(8);
    assertThat(statements(() -> logInputs(run, many))).isEqualTo(3);
    String other = newRun(experiment);
    assertThat(statements(() -> logInputs(other, many[0]))).isEqualTo(6);
    run(run);
    assertThat(statements(() -> run(run))).isEqualTo(statements(() -> run(other)));
    ModelOutput[] outputs =
        IntStream.range(0, 100).mapToObj(i -> output("m-" + i, i)).toArray(ModelOutput[]::new);
    assertThat(statements(() -> logOutputs(run, outputs))).isEqualTo(2);
  }

  private void logModel(String runId, String json) {
    runs.logModel(LogModelRequest.newBuilder().setRunId(runId).setModelJson(json).build());
  }

  private String history(String runId) {
    return run(runId).getData().getTagsList().stream()
        .filter(tag -> tag.getKey().equals("mlflow.log-model.history"))
        .map(RunTag::getValue)
        .findFirst()
        .orElse("");
  }

  private static String model(String path) {
    return """
    {"artifact_path": "%s", "flavors": {"sklearn": {"a": [1, 2.50, {}], "config": {"x": 1}}, "py": 5},
     "utc_time_created": "2024-01-02 03:04:05", "run_id": "r", "signature": {"deep": [[[]]]},
     "model_uuid": "ü\\n\\u0000"}\
    """
        .formatted(path);
  }

  private static String entry(String path) {
    return """
    {"run_id": "r", "artifact_path": "%s", "utc_time_created": "2024-01-02 03:04:05", \
    "model_uuid": "\\u00fc\\n\\u0000", "flavors": {"sklearn": {"a": [1, 2.50, {}]}, "py": 5}}\
    """
        .formatted(path);
  }

  @Test
  final void modelsOfOlderClientsAreListedInATag() {
    String run = newRun(newExperiment());
    logModel(run, model("one"));
    assertThat(history(run)).isEqualTo("[" + entry("one") + "]");
    logModel(run, model("two"));
    logModel(run, model("one"));
    assertThat(history(run))
        .isEqualTo("[" + entry("one") + ", " + entry("two") + ", " + entry("one") + "]");
  }

  @Test
  final void modelsOfOlderClientsWithOddFields() {
    String run = newRun(newExperiment());
    logModel(
        run, "{\"run_id\":null,\"artifact_path\":null,\"flavors\":null,\"utc_time_created\":5}");
    assertThat(history(run))
        .isEqualTo("[{\"utc_time_created\": \"5\", \"model_uuid\": null, \"flavors\": {}}]");
    for (String bad :
        List.of(
            "x",
            "{",
            "5",
            "[]",
            "null",
            "\"x\"",
            "{} {}",
            "{\"flavors\":5}",
            "{\"utc_time_created\":[]}",
            "{\"deep\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Malformed model info. \n %s \n is not a valid JSON.".formatted(bad),
          () -> logModel(run, bad));
    }
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Model json is missing mandatory fields: {'artifact_path', 'run_id', 'utc_time_created'}",
        () -> logModel(run, "{\"flavors\":{}}"));
  }

  private long datasetsIn(String experimentId) {
    return store
        .database()
        .read(
            tx ->
                tx.query(
                        "SELECT COUNT(*) FROM datasets WHERE experiment_id = ?",
                        row -> row.longValue(1),
                        Long.parseLong(experimentId))
                    .getFirst());
  }
}
