package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.AppendLoggedModelVersionRequest;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.DeleteLoggedModelRequest;
import dev.millrace.proto.DeleteLoggedModelTagRequest;
import dev.millrace.proto.FinalizeLoggedModelRequest;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.LogLoggedModelParamsRequest;
import dev.millrace.proto.LoggedModel;
import dev.millrace.proto.LoggedModelParameter;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.LoggedModelStatus;
import dev.millrace.proto.LoggedModelTag;
import dev.millrace.proto.SetLoggedModelTagsRequest;
import dev.millrace.testing.Together;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class LoggedModelContract extends TrackingContract {

  private static final String NO_MODEL = "m-" + "0".repeat(32);

  private LoggedModelServiceGrpc.LoggedModelServiceBlockingStub models() {
    return LoggedModelServiceGrpc.newBlockingStub(channel);
  }

  private LoggedModel create(CreateLoggedModelRequest.Builder request) {
    return models().createLoggedModel(request.build()).getModel();
  }

  private String newModel(String experimentId) {
    return create(CreateLoggedModelRequest.newBuilder().setExperimentId(experimentId))
        .getInfo()
        .getModelId();
  }

  private LoggedModel get(String modelId) {
    return models()
        .getLoggedModel(GetLoggedModelRequest.newBuilder().setModelId(modelId).build())
        .getModel();
  }

  private void setTags(String modelId, LoggedModelTag... tags) {
    models()
        .setLoggedModelTags(
            SetLoggedModelTagsRequest.newBuilder()
                .setModelId(modelId)
                .addAllTags(List.of(tags))
                .build());
  }

  private void logParams(String modelId, LoggedModelParameter... params) {
    models()
        .logLoggedModelParams(
            LogLoggedModelParamsRequest.newBuilder()
                .setModelId(modelId)
                .addAllParams(List.of(params))
                .build());
  }

  private static LoggedModelTag tagOf(String key, String value) {
    return LoggedModelTag.newBuilder().setKey(key).setValue(value).build();
  }

  private static LoggedModelParameter paramOf(String key, String value) {
    return LoggedModelParameter.newBuilder().setKey(key).setValue(value).build();
  }

  private static LoggedModelMetricRow metric(
      String modelId, String key, double value, long timestamp, long step) {
    MetricRow point = new MetricRow(key, value, timestamp, step);
    return new LoggedModelMetricRow(modelId, "r".repeat(32), point, "", "");
  }

  private void logMetrics(List<LoggedModelMetricRow> metrics) {
    LoggedModels rules =
        new LoggedModels(store.database(), new LoggedModelStore(), new ExperimentStore());
    store.database().change(tx -> rules.logMetrics(tx, metrics));
  }

  @Test
  final void createdModelReadsBackEqual() {
    String experiment = newExperiment();
    LoggedModel created =
        create(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(experiment)
                .setName("forest ünï")
                .setModelType("classifier")
                .setSourceRunId("r1")
                .addParams(paramOf("", ""))
                .addParams(paramOf("depth", "3"))
                .addTags(tagOf("team", "red")));
    String id = created.getInfo().getModelId();
    assertThat(get(id)).isEqualTo(created);
    assertThat(id).matches("m-[0-9a-f]{32}");
    assertThat(created.getInfo().getStatus()).isEqualTo(LoggedModelStatus.LOGGED_MODEL_PENDING);
    assertThat(created.getInfo().getArtifactUri())
        .isEqualTo("mlflow-artifacts:/%s/models/%s/artifacts".formatted(experiment, id));
    assertThat(created.getInfo().getLastUpdatedTimestampMs())
        .isEqualTo(created.getInfo().getCreationTimestampMs());
    assertThat(created.getInfo().hasStatusMessage()).isFalse();
  }

  @Test
  final void modelWithoutNameGetsOne() {
    LoggedModel model =
        create(CreateLoggedModelRequest.newBuilder().setExperimentId(newExperiment()));
    assertThat(model.getInfo().getName()).matches("[a-z]+-[a-z]+-\\d{1,4}");
    assertThat(model.getInfo().hasModelType()).isTrue();
    assertThat(model.getInfo().hasSourceRunId()).isTrue();
  }

  @Test
  final void forbiddenNames() {
    String experiment = newExperiment();
    for (String[] name :
        new String[][] {
          {"a/b", "'a/b'"},
          {"a:b", "'a:b'"},
          {".", "'.'"},
          {"50%", "'50%'"},
          {"a\"b", "'a\"b'"},
          {"it's", "\"it's\""},
          {"\n/é\0", "'\\n/é\\x00'"}
        }) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Invalid model name (%s) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%%', '\"', \"'\")"
              .formatted(name[1]),
          () ->
              create(
                  CreateLoggedModelRequest.newBuilder()
                      .setExperimentId(experiment)
                      .setName(name[0])));
    }
    assertThat(modelsIn(experiment)).isZero();
  }

  @Test
  final void refusedModelsLeaveNothing() {
    String experiment = newExperiment();
    CreateLoggedModelRequest.Builder good =
        CreateLoggedModelRequest.newBuilder().setExperimentId(experiment);
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The param 'a' comes twice",
        () -> create(good.clone().addParams(paramOf("a", "1")).addParams(paramOf("a", "1"))));
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The tag 'a' comes twice",
        () -> create(good.clone().addTags(tagOf("a", "1")).addTags(tagOf("a", "2"))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'key' exceeds the maximum length of 255 characters",
        () -> create(good.clone().addTags(tagOf("k".repeat(256), ""))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'value' exceeds the maximum length of 1048575 characters",
        () -> create(good.clone().addTags(tagOf("k", "v".repeat(1_048_576)))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'source_run_id' exceeds the maximum length of 32 characters",
        () -> create(good.clone().setSourceRunId("r".repeat(33))));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No Experiment with id=987654321 exists",
        () -> create(good.clone().setExperimentId("987654321")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
        () -> create(good.clone().setExperimentId("abc")));
    assertThat(modelsIn(experiment)).isZero();
  }

  @Test
  final void longTextsAreKept() {
    String longest = "é".repeat(20_000);
    LoggedModel model =
        create(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(newExperiment())
                .setName("n".repeat(5_000))
                .setModelType("t".repeat(20_000))
                .addParams(paramOf("日".repeat(255), longest))
                .addTags(tagOf("日".repeat(255), longest)));
    assertThat(get(model.getInfo().getModelId())).isEqualTo(model);
  }

  @Test
  final void idsThatCannotBe() {
    for (String id : List.of("", "x", "m-", "a b", "../x", "\0", "m".repeat(300), NO_MODEL)) {
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          "Logged model with ID '%s' not found.".formatted(id),
          () -> get(id));
    }
  }

  @Test
  final void anyStatusFollowsAnyOther() {
    String model = newModel(newExperiment());
    for (int status : new int[] {2, 3, 1, 0, 2}) {
      LoggedModel changed =
          models()
              .finalizeLoggedModel(
                  FinalizeLoggedModelRequest.newBuilder()
                      .setModelId(model)
                      .setStatusValue(status)
                      .build())
              .getModel();
      assertThat(changed.getInfo().getStatusValue()).isEqualTo(status);
      assertThat(get(model)).isEqualTo(changed);
      assertThat(changed.getInfo().getLastUpdatedTimestampMs())
          .isGreaterThanOrEqualTo(changed.getInfo().getCreationTimestampMs());
    }
  }

  @Test
  final void deletedModelIsOnlyHidden() {
    String model = newModel(newExperiment());
    DeleteLoggedModelRequest delete =
        DeleteLoggedModelRequest.newBuilder().setModelId(model).build();
    models().deleteLoggedModel(delete);
    models().deleteLoggedModel(delete);
    String gone = "Logged model with ID '%s' not found.".formatted(model);
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> get(model));
    // As in the real server, writers that are still at work are not refused.
    setTags(model, tagOf("a", "1"));
    logParams(model, paramOf("p", "1"));
    GetLoggedModelRequest.Builder request = GetLoggedModelRequest.newBuilder().setModelId(model);
    LoggedModel read = models().getLoggedModel(request.setAllowDeleted("True").build()).getModel();
    assertThat(read.getInfo().getTagsList()).containsExactly(tagOf("a", "1"));
    assertThat(read.getData().getParamsList()).containsExactly(paramOf("p", "1"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        gone,
        () -> models().getLoggedModel(request.setAllowDeleted("1").build()));
  }

  @Test
  final void changesOfNoModel() {
    String message = "Logged model with ID '%s' not found.".formatted(NO_MODEL);
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        message,
        () ->
            models()
                .deleteLoggedModel(
                    DeleteLoggedModelRequest.newBuilder().setModelId(NO_MODEL).build()));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        message,
        () ->
            models()
                .finalizeLoggedModel(
                    FinalizeLoggedModelRequest.newBuilder()
                        .setModelId(NO_MODEL)
                        .setStatusValue(2)
                        .build()));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, message, () -> setTags(NO_MODEL));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, message, () -> logParams(NO_MODEL));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, message, () -> deleteTag(NO_MODEL, "a"));
  }

  @Test
  final void tagsAreSetAndDeleted() {
    String model = newModel(newExperiment());
    setTags(model);
    setTags(model, tagOf("a", "1"), tagOf("b", ""));
    setTags(model, tagOf("c", "1"), tagOf("a", "2"), tagOf("c", "2"));
    assertThat(get(model).getInfo().getTagsList())
        .containsExactly(tagOf("a", "2"), tagOf("b", ""), tagOf("c", "2"));
    deleteTag(model, "a");
    assertThat(get(model).getInfo().getTagsList()).containsExactly(tagOf("b", ""), tagOf("c", "2"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No tag with key 'a' found for model with ID '%s'.".formatted(model),
        () -> deleteTag(model, "a"));
  }

  private void deleteTag(String model, String key) {
    models()
        .deleteLoggedModelTag(
            DeleteLoggedModelTagRequest.newBuilder().setModelId(model).setTagKey(key).build());
  }

  @Test
  final void paramsNeverChange() {
    String model = newModel(newExperiment());
    logParams(model, paramOf("a", "1"), paramOf("b", ""));
    // A retry whose first try was stored, with one more.
    logParams(model, paramOf("a", "1"), paramOf("c", "3"));
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The param 'a' of logged model '%s' has another value already".formatted(model),
        () -> logParams(model, paramOf("d", "4"), paramOf("a", "2")));
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The param 'e' comes twice",
        () -> logParams(model, paramOf("e", "1"), paramOf("e", "1")));
    assertThat(get(model).getData().getParamsList())
        .containsExactly(paramOf("a", "1"), paramOf("b", ""), paramOf("c", "3"));
  }

  @Test
  final void metricsOfAModel() {
    String model = newModel(newExperiment());
    MetricRow point = new MetricRow("loss", 0.5, 20, 2);
    LoggedModelMetricRow onData =
        new LoggedModelMetricRow(model, "r".repeat(32), point, "iris", "d1");
    List<LoggedModelMetricRow> metrics =
        List.of(
            onData,
            metric(model, "loss", Double.NaN, 10, 1),
            metric(model, "acc", Double.MAX_VALUE, 10, -1),
            metric(model, "zero", -0.0, 0, 0),
            onData);
    logMetrics(metrics);
    // The whole again, as after a lost answer.
    logMetrics(metrics);
    assertThat(get(model).getData().getMetricsList())
        .extracting(m -> m.getKey() + m.getStep() + m.getDatasetName() + m.getDatasetDigest())
        .containsExactly("acc-1", "loss1", "loss2irisd1", "zero0");
    assertThat(get(model).getData().getMetrics(1).getValue()).isNaN();
    assertThat(get(model).getData().getMetrics(0).hasDatasetName()).isFalse();
    assertFailsHere(
        "The metric 'loss' of logged model '%s' has another value at step 2 and time 20"
            .formatted(model),
        List.of(metric(model, "new", 1, 1, 1), metric(model, "loss", 7, 20, 2)));
    assertFailsHere(
        "Logged model with ID 'm-none' not found.",
        List.of(metric(model, "new", 1, 1, 1), metric("m-none", "new", 1, 1, 1)));
    assertThat(get(model).getData().getMetricsCount()).isEqualTo(4);
  }

  private void assertFailsHere(String message, List<LoggedModelMetricRow> metrics) {
    assertThatThrownBy(() -> logMetrics(metrics))
        .isInstanceOf(MillraceException.class)
        .hasMessage(message);
  }

  @Test
  final void manyModelsCostNoMoreStatementsThanOne() {
    String experiment = newExperiment();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String model =
          create(
                  CreateLoggedModelRequest.newBuilder()
                      .setExperimentId(experiment)
                      .addParams(paramOf("p", Integer.toString(i)))
                      .addTags(tagOf("t", Integer.toString(i))))
              .getInfo()
              .getModelId();
      logMetrics(List.of(metric(model, "m", i, 1, 1)));
      ids.addFirst(model);
    }
    List<String> asked = new ArrayList<>(ids);
    asked.add(7, NO_MODEL);
    List<LoggedModelRow> loaded = new ArrayList<>();
    long statements =
        statements(
            () ->
                loaded.addAll(store.database().read(tx -> new LoggedModelStore().load(tx, asked))));
    assertThat(statements).isEqualTo(4);
    assertThat(loaded).extracting(LoggedModelRow::modelId).containsExactlyElementsOf(ids);
    assertThat(loaded)
        .extracting(model -> model.params().get("p") + model.tags().get("t"))
        .startsWith("1919", "1818");
    assertThat(loaded.getLast().metrics()).hasSize(1);
    assertThat(statements(() -> get(ids.getFirst()))).isEqualTo(4);
  }

  @Test
  final void statementsOfWrites() {
    String experiment = newExperiment();
    String model = newModel(experiment);
    LoggedModelTag[] tags =
        IntStream.range(0, 100).mapToObj(i -> tagOf("t" + i, "v")).toArray(LoggedModelTag[]::new);
    LoggedModelParameter[] params =
        IntStream.range(0, 100)
            .mapToObj(i -> paramOf("p" + i, "v"))
            .toArray(LoggedModelParameter[]::new);
    List<LoggedModelMetricRow> metrics =
        IntStream.range(0, 1000).mapToObj(i -> metric(model, "m" + i, i, 1, 1)).toList();
    assertThat(statements(() -> newModel(experiment))).isEqualTo(2);
    assertThat(statements(() -> setTags(model, tags))).isEqualTo(3);
    assertThat(statements(() -> logParams(model, params))).isEqualTo(2);
    assertThat(statements(() -> logMetrics(metrics))).isEqualTo(1);
    assertThat(get(model).getData().getMetricsCount()).isEqualTo(1000);
  }

  @Test
  final void manyWritersOfTheSameModels() {
    String experiment = newExperiment();
    String one = newModel(experiment);
    String two = newModel(experiment);
    Together.run(
        32,
        i -> {
          // Half of them in the other order.
          String first = i % 2 == 0 ? one : two;
          String second = i % 2 == 0 ? two : one;
          setTags(first, tagOf("shared", "v"), tagOf("of" + i, "v"), tagOf("also shared", "v"));
          logParams(second, paramOf("shared", "v"), paramOf("of" + i, "v"));
          logMetrics(
              List.of(
                  metric(first, "m", i, i, i),
                  metric(second, "m", i, i, i),
                  metric(second, "shared", 1, 1, 1),
                  metric(first, "shared", 1, 1, 1)));
        });
    for (String model : List.of(one, two)) {
      assertThat(get(model).getInfo().getTagsCount()).isEqualTo(2 + 16);
      assertThat(get(model).getData().getParamsCount()).isEqualTo(1 + 16);
      assertThat(get(model).getData().getMetricsCount()).isEqualTo(1 + 32);
    }
  }

  @Test
  final void modelOutlivesARestart() {
    LoggedModel model =
        create(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(newExperiment())
                .addTags(tagOf("t", "v")));
    restart();
    assertThat(get(model.getInfo().getModelId())).isEqualTo(model);
  }

  private long modelsIn(String experimentId) {
    return store
        .database()
        .read(
            tx ->
                tx.query(
                        "SELECT COUNT(*) FROM logged_models WHERE experiment_id = ?",
                        row -> row.longValue(1),
                        Long.parseLong(experimentId))
                    .getFirst());
  }

  @Test
  final void versionsAppendedTogetherAreAllListed() {
    String model = newModel(newExperiment());
    Together.run(
        32,
        i ->
            models()
                .appendLoggedModelVersion(
                    AppendLoggedModelVersionRequest.newBuilder()
                        .setModelId(model)
                        .setName("forest")
                        .setVersion(i % 16 + 1)
                        .build()));
    String list = get(model).getInfo().getTags(0).getValue();
    for (int version = 1; version <= 16; version++) {
      assertThat(list)
          .containsOnlyOnce("{\"name\": \"forest\", \"version\": %d}".formatted(version));
    }
    assertThat(list).startsWith("[").endsWith("]");
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Logged model with ID '%s' not found.".formatted(NO_MODEL),
        () ->
            models()
                .appendLoggedModelVersion(
                    AppendLoggedModelVersionRequest.newBuilder()
                        .setModelId(NO_MODEL)
                        .setName("forest")
                        .setVersion(1)
                        .build()));
  }
}
