package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.DeleteExperimentRequest;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.DeleteTagRequest;
import dev.millrace.proto.FinalizeLoggedModelRequest;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.LogInputsRequest;
import dev.millrace.proto.LogLoggedModelParamsRequest;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.LogModelRequest;
import dev.millrace.proto.LogOutputsRequest;
import dev.millrace.proto.LogParamRequest;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.LoggedModelServiceGrpc.LoggedModelServiceBlockingStub;
import dev.millrace.proto.LoggedModelStatus;
import dev.millrace.proto.ModelOutput;
import dev.millrace.proto.RestoreRunRequest;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SetExperimentTagRequest;
import dev.millrace.proto.SetLoggedModelTagsRequest;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.UpdateExperimentRequest;
import dev.millrace.proto.UpdateRunRequest;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job may change, whose token the gateway has recognised. */
abstract class RunAccessContract extends TrackingContract {

  private static final String PARENT = "mlflow.parentRunId";

  private String experiment = "";
  private String own = "";
  private String other = "";

  @BeforeEach
  final void makeRuns() {
    experiment = newExperiment();
    own = newRun(experiment);
    other = newRun(experiment);
  }

  private void asJob(Runnable action) {
    new Caller("anna", own).context().run(action);
  }

  private void refused(ThrowingCallable call) {
    asJob(() -> assertFailsWith(ErrorCode.PERMISSION_DENIED, call));
  }

  private String child(String parent) {
    return create(tag(PARENT, parent));
  }

  private String create(RunTag... tags) {
    return runs.createRun(
            CreateRunRequest.newBuilder()
                .setExperimentId(experiment)
                .addAllTags(List.of(tags))
                .build())
        .getRun()
        .getInfo()
        .getRunId();
  }

  private void setTag(String runId, String key, String value) {
    var _ =
        runs.setTag(SetTagRequest.newBuilder().setRunId(runId).setKey(key).setValue(value).build());
  }

  private LoggedModelServiceBlockingStub models() {
    return LoggedModelServiceGrpc.newBlockingStub(channel);
  }

  private String model(String sourceRun) {
    return models()
        .createLoggedModel(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(experiment)
                .setSourceRunId(sourceRun)
                .build())
        .getModel()
        .getInfo()
        .getModelId();
  }

  @Test
  final void itChangesItsOwnRun() {
    asJob(
        () -> {
          setTag(own, "k", "v");
          log(own, point("m", 1, 1, 1));
          runs.updateRun(
              UpdateRunRequest.newBuilder().setRunId(own).setStatus(RunStatus.FINISHED).build());
        });
    assertThat(run(own).getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(run(own).getData().getMetricsList()).hasSize(1);
  }

  @Test
  final void itReadsWhatEverybodyReads() {
    asJob(
        () -> {
          assertThat(run(other).getInfo().getRunId()).isEqualTo(other);
          assertThat(
                  Parts.merge(
                          runs.searchRuns(
                              SearchRunsRequest.newBuilder().addExperimentIds(experiment).build()))
                      .getRunsList())
              .hasSize(2);
        });
  }

  @Test
  final void itChangesNoRunBesideIt() {
    refused(() -> setTag(other, "k", "v"));
    refused(() -> log(other, point("m", 1, 1, 1)));
    refused(() -> runs.logBatch(LogBatchRequest.newBuilder().setRunId(other).build()));
    refused(() -> runs.logParam(LogParamRequest.newBuilder().setRunId(other).setKey("k").build()));
    refused(
        () -> runs.deleteTag(DeleteTagRequest.newBuilder().setRunId(other).setKey("k").build()));
    refused(() -> runs.updateRun(UpdateRunRequest.newBuilder().setRunId(other).build()));
    refused(() -> runs.deleteRun(DeleteRunRequest.newBuilder().setRunId(other).build()));
    refused(() -> runs.restoreRun(RestoreRunRequest.newBuilder().setRunId(other).build()));
    refused(() -> runs.logInputs(LogInputsRequest.newBuilder().setRunId(other).build()));
    refused(
        () ->
            runs.logOutputs(
                LogOutputsRequest.newBuilder()
                    .setRunId(other)
                    .addModels(ModelOutput.newBuilder().setModelId("m"))
                    .build()));
    refused(
        () ->
            runs.logModel(LogModelRequest.newBuilder().setRunId(other).setModelJson("{}").build()));
    refused(
        () ->
            metrics.logMetric(
                LogMetricRequest.newBuilder()
                    .setRunId(other)
                    .setKey("m")
                    .setValue(1)
                    .setTimestamp(1)
                    .build()));
    refused(() -> setTag("0".repeat(32), "k", "v"));
    refused(() -> runs.getEditableRunInfo(GetRunInfoRequest.newBuilder().setRunId(other).build()));
    assertThat(run(other).getData().getTagsList())
        .extracting(RunTag::getKey)
        .containsExactly("mlflow.runName");
  }

  @Test
  final void itChangesTheRunsBelowItsOwn() {
    String child = child(own);
    String grandchild = child(child);
    String strangersChild = child(other);
    asJob(
        () -> {
          setTag(child, "k", "v");
          setTag(grandchild, "k", "v");
          assertThat(child(grandchild)).isNotEmpty();
        });
    refused(() -> setTag(strangersChild, "k", "v"));
    refused(() -> child(other));
    // A run that is put below another one is out of reach, also in a circle of runs.
    setTag(child, PARENT, grandchild);
    refused(() -> setTag(grandchild, "k", "v"));
  }

  @Test
  final void whatItMakesBesideItsRunComesBelowIt() {
    asJob(
        () -> {
          String made = create();
          setTag(made, "k", "v");
          assertThat(run(made).getData().getTagsList()).contains(tag(PARENT, own));
        });
    assertThat(run(create()).getData().getTagsList()).noneMatch(t -> t.getKey().equals(PARENT));
  }

  @Test
  final void itChangesTheLoggedModelsOfTheseRuns() {
    String child = child(own);
    String othersModel = model(other);
    String nobodysModel = model("");
    asJob(
        () -> {
          for (String model : List.of(model(own), model(child))) {
            models()
                .finalizeLoggedModel(
                    FinalizeLoggedModelRequest.newBuilder()
                        .setModelId(model)
                        .setStatus(LoggedModelStatus.LOGGED_MODEL_READY)
                        .build());
          }
        });
    refused(() -> model(other));
    refused(() -> model(""));
    for (String model : List.of(othersModel, nobodysModel, "m-" + "0".repeat(32))) {
      refused(
          () ->
              models()
                  .setLoggedModelTags(
                      SetLoggedModelTagsRequest.newBuilder().setModelId(model).build()));
      refused(
          () ->
              models()
                  .logLoggedModelParams(
                      LogLoggedModelParamsRequest.newBuilder().setModelId(model).build()));
      refused(
          () ->
              models()
                  .getEditableLoggedModel(
                      GetLoggedModelRequest.newBuilder().setModelId(model).build()));
    }
  }

  @Test
  final void itChangesNoExperiment() {
    asJob(() -> assertThat(newExperiment()).isNotEmpty());
    refused(
        () ->
            experiments.setExperimentTag(
                SetExperimentTagRequest.newBuilder()
                    .setExperimentId(experiment)
                    .setKey("k")
                    .setValue("v")
                    .build()));
    refused(
        () ->
            experiments.updateExperiment(
                UpdateExperimentRequest.newBuilder()
                    .setExperimentId(experiment)
                    .setNewName("n")
                    .build()));
    refused(
        () ->
            experiments.deleteExperiment(
                DeleteExperimentRequest.newBuilder().setExperimentId(experiment).build()));
  }

  @Test
  final void whoIsNoJobCostsNothingAndItsOwnRunNeither() {
    setTag(own, "k", "v");
    Runnable tagging = () -> setTag(own, "k", "v");
    long nobody = statements(tagging);
    assertThat(statements(() -> asJob(tagging))).isEqualTo(nobody);
    String child = child(own);
    Runnable below = () -> setTag(child, "k", "v");
    assertThat(statements(() -> asJob(below))).isEqualTo(nobody + 1);
  }
}
