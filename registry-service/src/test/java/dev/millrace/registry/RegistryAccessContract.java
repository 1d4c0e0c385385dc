package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.SetRegisteredModelAliasRequest;
import dev.millrace.proto.SetRegisteredModelTagRequest;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import dev.millrace.proto.UpdateModelVersionRequest;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job may change, whose token the gateway has recognised. */
abstract class RegistryAccessContract extends RegistryContract {

  private String experiment = "";
  private String own = "";
  private String other = "";

  @BeforeEach
  final void makeRuns() {
    experiment = newExperiment();
    own = newRun();
    other = newRun();
  }

  private String newRun() {
    return runs.createRun(CreateRunRequest.newBuilder().setExperimentId(experiment).build())
        .getRun()
        .getInfo()
        .getRunId();
  }

  private String loggedModel(String runId) {
    return loggedModels
        .createLoggedModel(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(experiment)
                .setSourceRunId(runId)
                .build())
        .getModel()
        .getInfo()
        .getModelId();
  }

  private void asJob(Runnable action) {
    new Caller("anna", own).context().run(action);
  }

  private void refused(ThrowingCallable call) {
    asJob(
        () ->
            assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                    StatusRuntimeException.class,
                    e ->
                        assertThat(Errors.fromStatus(e).code())
                            .isEqualTo(ErrorCode.PERMISSION_DENIED)));
  }

  private static CreateModelVersionRequest.Builder ofRun(String name, String runId) {
    return CreateModelVersionRequest.newBuilder()
        .setName(name)
        .setSource("s3://bucket/model")
        .setRunId(runId);
  }

  private static CreateModelVersionRequest.Builder ofModel(String name, String modelId) {
    return CreateModelVersionRequest.newBuilder()
        .setName(name)
        .setSource("models:/" + modelId)
        .setModelId(modelId);
  }

  @Test
  final void itRegistersWhatItsRunsMade() {
    String ownModel = loggedModel(own);
    asJob(
        () -> {
          String name = newModel();
          assertThat(create(ofRun(name, own)).getRunId()).isEqualTo(own);
          ModelVersion version = create(ofModel(name, ownModel));
          assertThat(version.getRunId()).isEqualTo(own);
          versions.setModelVersionTag(
              SetModelVersionTagRequest.newBuilder()
                  .setName(name)
                  .setVersion(version.getVersion())
                  .setKey("k")
                  .setValue("v")
                  .build());
          versions.updateModelVersion(
              UpdateModelVersionRequest.newBuilder()
                  .setName(name)
                  .setVersion(version.getVersion())
                  .setDescription("d")
                  .build());
        });
    assertThat(
            loggedModels
                .getLoggedModel(GetLoggedModelRequest.newBuilder().setModelId(ownModel).build())
                .getModel()
                .getInfo()
                .getTagsList())
        .anyMatch(tag -> tag.getKey().equals("mlflow.modelVersions"));
  }

  @Test
  final void itRegistersNothingElse() {
    String name = newModel();
    String othersModel = loggedModel(other);
    refused(() -> create(ofRun(name, other)));
    refused(() -> create(ofModel(name, othersModel)));
    refused(() -> create(ofModel(name, othersModel).setRunId(own)));
    refused(() -> newVersion(name));
    assertThat(model(name).getLatestVersionsList()).isEmpty();
  }

  @Test
  final void itDoesNotSayWhichVersionServesNorChangesOthers() {
    String name = newModel();
    String others = create(ofRun(name, other)).getVersion();
    String mine = create(ofRun(name, own)).getVersion();
    refused(
        () ->
            versions.setModelVersionTag(
                SetModelVersionTagRequest.newBuilder()
                    .setName(name)
                    .setVersion(others)
                    .setKey("k")
                    .build()));
    refused(
        () ->
            versions.deleteModelVersionTag(
                DeleteModelVersionTagRequest.newBuilder()
                    .setName(name)
                    .setVersion(others)
                    .setKey("k")
                    .build()));
    refused(
        () ->
            versions.updateModelVersion(
                UpdateModelVersionRequest.newBuilder().setName(name).setVersion(others).build()));
    refused(
        () ->
            versions.transitionModelVersionStage(
                TransitionModelVersionStageRequest.newBuilder()
                    .setName(name)
                    .setVersion(mine)
                    .setStage("Production")
                    .build()));
    refused(
        () ->
            versions.deleteModelVersion(
                DeleteModelVersionRequest.newBuilder().setName(name).setVersion(mine).build()));
    refused(
        () ->
            models.setRegisteredModelAlias(
                SetRegisteredModelAliasRequest.newBuilder()
                    .setName(name)
                    .setAlias("champion")
                    .setVersion(mine)
                    .build()));
    refused(
        () ->
            models.setRegisteredModelTag(
                SetRegisteredModelTagRequest.newBuilder().setName(name).setKey("k").build()));
    refused(
        () ->
            models.deleteRegisteredModel(
                DeleteRegisteredModelRequest.newBuilder().setName(name).build()));
  }
}
