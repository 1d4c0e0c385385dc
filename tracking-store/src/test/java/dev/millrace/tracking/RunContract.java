package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunTag;
import org.junit.jupiter.api.Test;

abstract class RunContract extends TrackingContract {

  @Test
  final void createdRunReadsBackEqual() {
    String experiment = newExperiment();
    Run created =
        runs.createRun(
                CreateRunRequest.newBuilder()
                    .setExperimentId(experiment)
                    .setUserId("ann")
                    .setStartTime(1234)
                    .setRunName("first")
                    .addTags(RunTag.newBuilder().setKey("k").setValue("v"))
                    .build())
            .getRun();
    Run got = run(created.getInfo().getRunId());
    assertThat(got.getInfo()).isEqualTo(created.getInfo());
    assertThat(got.getData().getTagsList())
        .containsExactlyInAnyOrderElementsOf(created.getData().getTagsList());
    assertThat(got.getInfo().getArtifactUri())
        .isEqualTo(
            "mlflow-artifacts:/%s/%s/artifacts".formatted(experiment, got.getInfo().getRunId()));
  }

  @Test
  final void unnamedRunGetsANameAndItsTag() {
    Run run = run(newRun(newExperiment()));
    assertThat(run.getInfo().getRunName()).matches("[a-z]+-[a-z]+-\\d{1,4}").hasSizeLessThan(21);
    assertThat(run.getData().getTagsList())
        .containsExactly(
            RunTag.newBuilder()
                .setKey("mlflow.runName")
                .setValue(run.getInfo().getRunName())
                .build());
  }

  @Test
  final void unknownRun() {
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, "Run with id=none not found", () -> run("none"));
  }
}
