package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.DeleteTagRequest;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.LogParamRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.RestoreRunRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.UpdateRunRequest;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

abstract class RunContract extends TrackingContract {

  @Test
  final void createdRunReadsBackEqual() {
    String experiment = newExperiment();
    Run created =
        create(
            CreateRunRequest.newBuilder()
                .setExperimentId(experiment)
                .setUserId("ann")
                .setStartTime(1234)
                .setRunName("first")
                .addTags(tag("k", "v"))
                // What is given at creation is not checked, only stored.
                .addTags(tag("../odd", ""))
                .addTags(tag("", "x".repeat(20_000))));
    RunInfo info = created.getInfo();
    Run got = run(info.getRunId());
    assertThat(got.getInfo()).isEqualTo(info);
    assertThat(got.getData().getTagsList())
        .containsExactlyInAnyOrderElementsOf(created.getData().getTagsList())
        .contains(tag("mlflow.runName", "first"));
    assertThat(info.getRunId()).matches("[0-9a-f]{32}");
    assertThat(info.getRunUuid()).isEqualTo(info.getRunId());
    assertThat(info.getArtifactUri())
        .isEqualTo("mlflow-artifacts:/%s/%s/artifacts".formatted(experiment, info.getRunId()));
    assertThat(info.getStatus()).isEqualTo(RunStatus.RUNNING);
    assertThat(info.hasEndTime()).isFalse();
    assertThat(created.hasInputs()).isTrue();
    assertThat(created.hasOutputs()).isFalse();
    assertThat(
            runs.getRunInfo(GetRunInfoRequest.newBuilder().setRunId(info.getRunId()).build())
                .getRunInfo())
        .isEqualTo(info);
  }

  @Test
  final void unnamedRunGetsANameAndItsTag() {
    Run run = run(newRun(newExperiment()));
    assertThat(run.getInfo().getRunName()).matches("[a-z]+-[a-z]+-\\d{1,4}");
    assertThat(run.getData().getTagsList())
        .containsExactly(tag("mlflow.runName", run.getInfo().getRunName()));
    for (int i = 0; i < 10_000; i++) {
      assertThat(RunNames.random()).hasSizeLessThanOrEqualTo(20);
    }
  }

  @Test
  final void creationRefusesWhatContradictsItself() {
    CreateRunRequest.Builder request =
        CreateRunRequest.newBuilder().setExperimentId(newExperiment());
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values"
            + " (run_name='a', mlflow.runName='b').",
        () -> create(request.clone().setRunName("a").addTags(tag("mlflow.runName", "b"))));
    assertThat(create(request.clone().addTags(tag("mlflow.runName", "b"))).getInfo().getRunName())
        .isEqualTo("b");
    assertFails(
        ErrorCode.BAD_REQUEST,
        "The tag 'k' comes twice",
        () -> create(request.clone().addTags(tag("k", "1")).addTags(tag("k", "2"))));
    assertFails(
        ErrorCode.BAD_REQUEST,
        "Missing value for required parameter 'experiment_id'.",
        () -> create(CreateRunRequest.newBuilder()));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'tags[0].key' exceeds the maximum length of 250 characters",
        () -> create(request.clone().addTags(tag("k".repeat(251), "1"))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value for parameter 'run_name' supplied: it must not contain the character"
            + " U+0000.",
        () -> create(request.clone().setRunName("\0")));
  }

  @Test
  final void updatesWhatIsGiven() {
    String id = newRun(newExperiment());
    UpdateRunRequest.Builder request = UpdateRunRequest.newBuilder().setRunId(id);
    RunInfo before = run(id).getInfo();
    assertThat(update(request.clone())).isEqualTo(before);
    assertThat(update(request.clone().setRunName(""))).isEqualTo(before);
    RunInfo after =
        update(
            request
                .clone()
                .setStatus(RunStatus.FINISHED)
                .setEndTime(99)
                .setRunName("n".repeat(9000)));
    assertThat(after)
        .isEqualTo(
            before.toBuilder()
                .setStatus(RunStatus.FINISHED)
                .setEndTime(99)
                .setRunName("n".repeat(9000))
                .build());
    assertThat(run(id).getInfo()).isEqualTo(after);
    assertThat(run(id).getData().getTagsList())
        .containsExactly(tag("mlflow.runName", "n".repeat(9000)));
    // MLflow shows an end at 0 as none.
    assertThat(update(request.clone().setEndTime(0)).hasEndTime()).isFalse();
  }

  @Test
  final void nameAndItsTagStayEqual() {
    String id = newRun(newExperiment());
    setTag(id, "mlflow.runName", "by tag");
    assertThat(run(id).getInfo().getRunName()).isEqualTo("by tag");
    setTag(id, "mlflow.runName", "");
    assertThat(run(id).getData().getTagsList()).containsExactly(tag("mlflow.runName", "by tag"));
    deleteTag(id, "mlflow.runName");
    assertThat(run(id).getInfo().getRunName()).isEqualTo("by tag");
    assertThat(run(id).getData().getTagsCount()).isZero();
    update(UpdateRunRequest.newBuilder().setRunId(id).setRunName("back"));
    assertThat(run(id).getData().getTagsList()).containsExactly(tag("mlflow.runName", "back"));
  }

  @Test
  final void deletedRunCanBeReadAndRestoredButNotChanged() {
    String id = newRun(newExperiment());
    setTag(id, "k", "v");
    delete(id);
    delete(id);
    String message = "The run " + id + " must be in the 'active' state. Current state is deleted.";
    Run deleted = run(id);
    assertThat(deleted.getInfo().getLifecycleStage()).isEqualTo("deleted");
    ErrorCode code = ErrorCode.INVALID_PARAMETER_VALUE;
    assertFails(code, message, () -> setTag(id, "k", "w"));
    assertFails(code, message, () -> deleteTag(id, "k"));
    assertFails(code, message, () -> deleteTag(id, "none"));
    assertFails(code, message, () -> logParam(id, "p", "v"));
    assertFails(code, message, () -> log(id));
    assertFails(code, message, () -> log(id, point("m", 1, 1, 1)));
    assertFails(
        code,
        message,
        () -> update(UpdateRunRequest.newBuilder().setRunId(id).setStatus(RunStatus.FAILED)));
    assertThat(run(id)).isEqualTo(deleted);
    restore(id);
    restore(id);
    setTag(id, "k", "w");
    assertThat(run(id).getInfo().getLifecycleStage()).isEqualTo("active");
  }

  @Test
  final void unknownRun() {
    List<ThrowingCallable> calls =
        List.of(
            () -> run("none"),
            () -> delete("none"),
            () -> restore("none"),
            () -> setTag("none", "k", "v"),
            () -> deleteTag("none", "k"),
            () -> logParam("none", "k", "v"),
            () -> log("none"),
            () -> update(UpdateRunRequest.newBuilder().setRunId("none")));
    for (var call : calls) {
      assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, "Run with id=none not found", call);
    }
  }

  @Test
  final void statementsPerRequest() {
    String experiment = newExperiment();
    newRun(experiment);
    assertThat(statements(() -> newRun(experiment))).isEqualTo(3);
    String id = newRun(experiment);
    assertThat(statements(() -> run(id))).isLessThanOrEqualTo(8);
    assertThat(statements(() -> setTag(id, "mlflow.runName", "n"))).isEqualTo(3);
    assertThat(statements(() -> update(UpdateRunRequest.newBuilder().setRunId(id).setRunName("m"))))
        .isEqualTo(3);
  }

  @Test
  final void survivesARestart() {
    String id = newRun(newExperiment());
    setTag(id, "k", "v");
    logParam(id, "p", "v");
    log(id, point("m", 1.5, 2, 3), point("m", Double.NaN, 3, 3));
    delete(id);
    Run before = run(id);
    List<Metric> history = history(id, "m");
    restart();
    assertThat(run(id)).isEqualTo(before);
    assertThat(history(id, "m")).isEqualTo(history).hasSize(2);
    assertThat(newExperiment()).isNotEqualTo(before.getInfo().getExperimentId());
  }

  private Run create(CreateRunRequest.Builder request) {
    return runs.createRun(request.build()).getRun();
  }

  private RunInfo update(UpdateRunRequest.Builder request) {
    return runs.updateRun(request.build()).getRunInfo();
  }

  private void delete(String id) {
    runs.deleteRun(DeleteRunRequest.newBuilder().setRunId(id).build());
  }

  private void restore(String id) {
    runs.restoreRun(RestoreRunRequest.newBuilder().setRunId(id).build());
  }

  private void setTag(String id, String key, String value) {
    runs.setTag(SetTagRequest.newBuilder().setRunId(id).setKey(key).setValue(value).build());
  }

  private void deleteTag(String id, String key) {
    runs.deleteTag(DeleteTagRequest.newBuilder().setRunId(id).setKey(key).build());
  }

  private void logParam(String id, String key, String value) {
    runs.logParam(LogParamRequest.newBuilder().setRunId(id).setKey(key).setValue(value).build());
  }
}
