package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.DeleteRegisteredModelAliasRequest;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.DeleteRegisteredModelTagRequest;
import dev.millrace.proto.ModelVersionTag;
import dev.millrace.proto.RegisteredModelTag;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.SetRegisteredModelAliasRequest;
import dev.millrace.proto.SetRegisteredModelTagRequest;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import dev.millrace.proto.UpdateModelVersionRequest;
import dev.millrace.proto.UpdateRegisteredModelRequest;
import org.junit.jupiter.api.Test;

/**
 * Which changes webhooks are told, by the calls that make them. What is expected is what a running
 * MLflow 3.17.2 sent for the same calls.
 */
abstract class ChangeEventsContract {

  /** A new, empty database. */
  abstract String newDatabase();

  @Test
  final void changesOfAModel() {
    try (Receiver receiver = Receiver.start();
        RunningRegistry registry = new RunningRegistry(newDatabase(), WebhookSettings.local())) {
      registry.webhook(receiver.url("/a"), "");
      var models = registry.models;
      var versions = registry.versions;
      models.createRegisteredModel(
          CreateRegisteredModelRequest.newBuilder()
              .setName("m")
              .setDescription("dé")
              .addTags(RegisteredModelTag.newBuilder().setKey("z").setValue("1"))
              .addTags(RegisteredModelTag.newBuilder().setKey("a").setValue("2"))
              .addTags(RegisteredModelTag.newBuilder().setKey("z").setValue("3"))
              .build());
      models.updateRegisteredModel(
          UpdateRegisteredModelRequest.newBuilder().setName("m").setDescription("x").build());
      models.setRegisteredModelTag(
          SetRegisteredModelTagRequest.newBuilder().setName("m").setKey("k").setValue("v").build());
      models.deleteRegisteredModelTag(
          DeleteRegisteredModelTagRequest.newBuilder().setName("m").setKey("k").build());
      versions.createModelVersion(
          CreateModelVersionRequest.newBuilder().setName("m").setSource("s3://b/x").build());
      versions.createModelVersion(
          CreateModelVersionRequest.newBuilder()
              .setName("m")
              .setSource("s3://b/x")
              .setDescription("d")
              .addTags(ModelVersionTag.newBuilder().setKey("b").setValue("1"))
              .addTags(ModelVersionTag.newBuilder().setKey("a").setValue(""))
              .build());
      versions.setModelVersionTag(versionTag("m").setKey("k").setValue("v").build());
      versions.setModelVersionTag(versionTag("m").setKey("k").setValue("v").build());
      versions.deleteModelVersionTag(deleteVersionTag("m").setKey("k").build());
      versions.deleteModelVersionTag(deleteVersionTag("m").setKey("none").build());
      models.setRegisteredModelAlias(alias("m").setVersion("1").build());
      models.setRegisteredModelAlias(alias("m").setVersion("2").build());
      models.deleteRegisteredModelAlias(deleteAlias("m"));
      models.deleteRegisteredModelAlias(deleteAlias("m"));
      versions.updateModelVersion(
          UpdateModelVersionRequest.newBuilder()
              .setName("m")
              .setVersion("1")
              .setDescription("x")
              .build());
      versions.transitionModelVersionStage(
          TransitionModelVersionStageRequest.newBuilder()
              .setName("m")
              .setVersion("1")
              .setStage("Production")
              .setArchiveExistingVersions(true)
              .build());
      models.renameRegisteredModel(
          RenameRegisteredModelRequest.newBuilder().setName("m").setNewName("n").build());
      versions.deleteModelVersion(
          DeleteModelVersionRequest.newBuilder().setName("n").setVersion("1").build());
      versions.setModelVersionTag(
          versionTag("n").setVersion("2").setKey("last").setValue("").build());
      models.deleteRegisteredModel(DeleteRegisteredModelRequest.newBuilder().setName("n").build());
      receiver.await("/a", 11);
      Receiver.sleep(500);
      assertThat(receiver.bodies("/a"))
          .map(ChangeEventsContract::withoutTime)
          .containsExactlyInAnyOrder(
              """
              {"entity": "registered_model", "action": "created", "data": {"name": "m", "tags": \
              {"z": "3", "a": "2"}, "description": "d\\u00e9"}}\
              """,
              """
              {"entity": "model_version", "action": "created", "data": {"name": "m", "version": \
              "1", "source": "s3://b/x", "run_id": null, "tags": {}, "description": null}}\
              """,
              """
              {"entity": "model_version", "action": "created", "data": {"name": "m", "version": \
              "2", "source": "s3://b/x", "run_id": null, "tags": {"b": "1", "a": ""}, \
              "description": "d"}}\
              """,
              """
              {"entity": "model_version_tag", "action": "set", "data": {"name": "m", "version": \
              "1", "key": "k", "value": "v"}}\
              """,
              """
              {"entity": "model_version_tag", "action": "set", "data": {"name": "m", "version": \
              "1", "key": "k", "value": "v"}}\
              """,
              """
              {"entity": "model_version_tag", "action": "deleted", "data": {"name": "m", \
              "version": "1", "key": "k"}}\
              """,
              """
              {"entity": "model_version_tag", "action": "deleted", "data": {"name": "m", \
              "version": "1", "key": "none"}}\
              """,
              """
              {"entity": "model_version_alias", "action": "created", "data": {"name": "m", \
              "alias": "al", "version": "1"}}\
              """,
              """
              {"entity": "model_version_alias", "action": "created", "data": {"name": "m", \
              "alias": "al", "version": "2"}}\
              """,
              """
              {"entity": "model_version_alias", "action": "deleted", "data": {"name": "m", \
              "alias": "al"}}\
              """,
              """
              {"entity": "model_version_alias", "action": "deleted", "data": {"name": "m", \
              "alias": "al"}}\
              """,
              """
              {"entity": "model_version_tag", "action": "set", "data": {"name": "n", "version": \
              "2", "key": "last", "value": ""}}\
              """);
    }
  }

  @Test
  final void changesOfAPrompt() {
    try (Receiver receiver = Receiver.start();
        RunningRegistry registry = new RunningRegistry(newDatabase(), WebhookSettings.local())) {
      registry.webhook(receiver.url("/a"), "");
      var models = registry.models;
      var versions = registry.versions;
      models.createRegisteredModel(
          CreateRegisteredModelRequest.newBuilder()
              .setName("p")
              .setDescription("pd")
              .addTags(
                  RegisteredModelTag.newBuilder()
                      .setKey("mlflow.prompt.is_prompt")
                      .setValue("true"))
              .addTags(RegisteredModelTag.newBuilder().setKey("u").setValue("1"))
              .build());
      models.setRegisteredModelTag(
          SetRegisteredModelTagRequest.newBuilder().setName("p").setKey("k").setValue("v").build());
      models.deleteRegisteredModelTag(
          DeleteRegisteredModelTagRequest.newBuilder().setName("p").setKey("k").build());
      versions.createModelVersion(
          CreateModelVersionRequest.newBuilder()
              .setName("p")
              .setSource("dummy-source")
              .addTags(
                  ModelVersionTag.newBuilder().setKey("mlflow.prompt.is_prompt").setValue("true"))
              .addTags(
                  ModelVersionTag.newBuilder().setKey("mlflow.prompt.text").setValue("Hi {{n}}"))
              .addTags(ModelVersionTag.newBuilder().setKey("_mlflow_prompt_type").setValue("text"))
              .addTags(ModelVersionTag.newBuilder().setKey("u").setValue("1"))
              .build());
      versions.setModelVersionTag(versionTag("p").setKey("k").setValue("v").build());
      versions.deleteModelVersionTag(deleteVersionTag("p").setKey("k").build());
      models.setRegisteredModelAlias(alias("p").setVersion("1").build());
      models.deleteRegisteredModelAlias(deleteAlias("p"));
      models.deleteRegisteredModelTag(
          DeleteRegisteredModelTagRequest.newBuilder()
              .setName("p")
              .setKey("mlflow.prompt.is_prompt")
              .build());
      models.setRegisteredModelTag(
          SetRegisteredModelTagRequest.newBuilder()
              .setName("p")
              .setKey("mlflow.prompt.is_prompt")
              .setValue("true")
              .build());
      receiver.await("/a", 9);
      assertThat(receiver.bodies("/a"))
          .map(ChangeEventsContract::withoutTime)
          .containsExactly(
              """
              {"entity": "prompt", "action": "created", "data": {"name": "p", "tags": {"u": "1"}, \
              "description": "pd"}}\
              """,
              """
              {"entity": "prompt_tag", "action": "set", "data": {"name": "p", "key": "k", \
              "value": "v"}}\
              """,
              """
              {"entity": "prompt_tag", "action": "deleted", "data": {"name": "p", "key": "k"}}\
              """,
              """
              {"entity": "prompt_version", "action": "created", "data": {"name": "p", "version": \
              "1", "template": "Hi {{n}}", "tags": {"u": "1"}, "description": null}}\
              """,
              """
              {"entity": "prompt_version_tag", "action": "set", "data": {"name": "p", "version": \
              "1", "key": "k", "value": "v"}}\
              """,
              """
              {"entity": "prompt_version_tag", "action": "deleted", "data": {"name": "p", \
              "version": "1", "key": "k"}}\
              """,
              """
              {"entity": "prompt_alias", "action": "created", "data": {"name": "p", "alias": \
              "al", "version": "1"}}\
              """,
              """
              {"entity": "prompt_alias", "action": "deleted", "data": {"name": "p", "alias": \
              "al"}}\
              """,
              """
              {"entity": "prompt_tag", "action": "set", "data": {"name": "p", "key": \
              "mlflow.prompt.is_prompt", "value": "true"}}\
              """);
    }
  }

  private static SetModelVersionTagRequest.Builder versionTag(String name) {
    return SetModelVersionTagRequest.newBuilder().setName(name).setVersion("1");
  }

  private static DeleteModelVersionTagRequest.Builder deleteVersionTag(String name) {
    return DeleteModelVersionTagRequest.newBuilder().setName(name).setVersion("1");
  }

  private static SetRegisteredModelAliasRequest.Builder alias(String name) {
    return SetRegisteredModelAliasRequest.newBuilder().setName(name).setAlias("al");
  }

  private static DeleteRegisteredModelAliasRequest deleteAlias(String name) {
    return DeleteRegisteredModelAliasRequest.newBuilder().setName(name).setAlias("al").build();
  }

  private static String withoutTime(String body) {
    return body.replaceAll(", \"timestamp\": \"[^\"]+\"", "");
  }
}
