package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.DeleteRegisteredModelTagRequest;
import dev.millrace.proto.RegisteredModel;
import dev.millrace.proto.RegisteredModelTag;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SetRegisteredModelTagRequest;
import dev.millrace.proto.UpdateRegisteredModelRequest;
import dev.millrace.testing.Together;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

abstract class RegisteredModelContract extends RegistryContract {

  private static final String IS_PROMPT = "mlflow.prompt.is_prompt";

  private RegisteredModel create(String name, RegisteredModelTag... tags) {
    return models
        .createRegisteredModel(
            CreateRegisteredModelRequest.newBuilder()
                .setName(name)
                .addAllTags(List.of(tags))
                .build())
        .getRegisteredModel();
  }

  private static RegisteredModelTag tag(String key, String value) {
    return RegisteredModelTag.newBuilder().setKey(key).setValue(value).build();
  }

  private RegisteredModel rename(String name, String newName) {
    return models
        .renameRegisteredModel(
            RenameRegisteredModelRequest.newBuilder().setName(name).setNewName(newName).build())
        .getRegisteredModel();
  }

  private void delete(String name) {
    models.deleteRegisteredModel(DeleteRegisteredModelRequest.newBuilder().setName(name).build());
  }

  private void setTag(String name, String key, String value) {
    models.setRegisteredModelTag(
        SetRegisteredModelTagRequest.newBuilder()
            .setName(name)
            .setKey(key)
            .setValue(value)
            .build());
  }

  private void deleteTag(String name, String key) {
    models.deleteRegisteredModelTag(
        DeleteRegisteredModelTagRequest.newBuilder().setName(name).setKey(key).build());
  }

  private RegisteredModel describe(String name, String description) {
    return models
        .updateRegisteredModel(
            UpdateRegisteredModelRequest.newBuilder()
                .setName(name)
                .setDescription(description)
                .build())
        .getRegisteredModel();
  }

  private static String notFound(String name) {
    return "Registered Model with name=%s not found".formatted(name);
  }

  @Test
  final void createdModelReadsBackEqual() {
    String name = unique("it's a\nmödel 日");
    RegisteredModel created =
        models
            .createRegisteredModel(
                CreateRegisteredModelRequest.newBuilder()
                    .setName(name)
                    .setDescription("d".repeat(6_000))
                    .addTags(tag("z", "1"))
                    .addTags(tag("a/b", ""))
                    .addTags(tag("z", "2"))
                    .build())
            .getRegisteredModel();
    assertThat(created.getName()).isEqualTo(name);
    assertThat(created.getDescription()).hasSize(6_000);
    assertThat(created.getLastUpdatedTimestamp()).isEqualTo(created.getCreationTimestamp());
    assertThat(created.getTagsList()).containsExactlyInAnyOrder(tag("a/b", ""), tag("z", "2"));
    assertThat(created.hasUserId()).isFalse();
    RegisteredModel read = model(name);
    assertThat(read.getTagsList()).containsExactlyInAnyOrder(tag("a/b", ""), tag("z", "2"));
    assertThat(read.toBuilder().clearTags().build())
        .isEqualTo(created.toBuilder().clearTags().build());
  }

  @Test
  final void emptyDescriptionIsNone() {
    String name = newModel();
    assertThat(model(name).hasDescription()).isFalse();
    assertThat(describe(name, "some").getDescription()).isEqualTo("some");
    assertThat(describe(name, "").hasDescription()).isFalse();
    assertThat(changes(name))
        .containsExactly(
            "MODEL_CREATED", "MODEL_UPDATED description:>some", "MODEL_UPDATED description:some>");
  }

  @Test
  final void forbiddenNames() {
    for (String name : List.of(" ", "\t", "\u00a0", "\u0085")) {
      String missing = "Missing value for required parameter 'name'.";
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, missing, () -> create(name));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, missing, () -> model(name));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, missing, () -> delete(name));
    }
    for (String name : List.of("a/b", "a:b", "./a", "/")) {
      String bad = "Invalid model name '%s'. Names cannot contain '/' or ':'.".formatted(name);
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> create(name));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> model(name));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> describe(name, "d"));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> setTag(name, "a#", "v"));
    }
    for (String name : List.of(".", "..", "...", "..a")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Invalid value \"%s\" for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '%s'"
              .formatted(name, name),
          () -> create(name));
    }
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value for parameter 'name' supplied: it must not contain the character U+0000.",
        () -> create("a\0b"));
  }

  @Test
  final void forbiddenTagsStoreNothing() {
    String name = unique("tags");
    String characters =
        "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ("
            + " ), colon(:) and slashes (/).";
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value \"a#\" for parameter 'key' supplied: " + characters,
        () -> create(name, tag("ok", ""), tag("a#", "")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'key' exceeds the maximum length of 250 characters",
        () -> create(name, tag("k".repeat(251), "")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'value' exceeds the maximum length of 100000 characters",
        () -> create(name, tag("k", "v".repeat(100_001))));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name), () -> model(name));
    assertThat(history(name)).isEmpty();
    create(name, tag("日".repeat(250), "é".repeat(100_000)));
    assertThat(model(name).getTags(0).getValue()).hasSize(100_000);
  }

  @Test
  final void takenNames() {
    String model = newModel();
    String prompt = unique("pröm'pt");
    create(prompt, tag(IS_PROMPT, "nah"));
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Registered Model (name=%s) already exists.".formatted(model),
        () -> create(model));
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Prompt (name=%s) already exists.".formatted(prompt),
        () -> create(prompt, tag(IS_PROMPT, "true")));
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Tried to create a prompt with name '%s', but the name is already taken by a registered model. MLflow does not allow creating a model and a prompt with the same name."
            .formatted(model),
        () -> create(model, tag(IS_PROMPT, "false")));
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Tried to create a registered model with name \"%s\", but the name is already taken by a prompt. MLflow does not allow creating a model and a prompt with the same name."
            .formatted(prompt),
        () -> create(prompt));
    assertThat(changes(model)).containsExactly("MODEL_CREATED");
  }

  @Test
  final void oneOfManyCreatorsWins() {
    String name = unique("contended");
    AtomicInteger created = new AtomicInteger();
    Together.run(
        64,
        i -> {
          try {
            create(name);
            created.incrementAndGet();
          } catch (StatusRuntimeException e) {
            assertThat(Errors.fromStatus(e).text())
                .isEqualTo("Registered Model (name=%s) already exists.".formatted(name));
          }
        });
    assertThat(created).hasValue(1);
    assertThat(changes(name)).containsExactly("MODEL_CREATED");
  }

  @Test
  final void renamedModelTakesItsVersionsAlong() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    String newName = unique("renamed");
    RegisteredModel renamed = rename(name, newName);
    assertThat(renamed).isEqualTo(model(newName));
    assertThat(renamed.getLatestVersions(0).getName()).isEqualTo(newName);
    assertThat(renamed.getLatestVersions(0).getVersion()).isEqualTo("2");
    assertThat(renamed.getLatestVersions(0).getLastUpdatedTimestamp())
        .isEqualTo(renamed.getLastUpdatedTimestamp());
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name), () -> model(name));
    assertThat(newVersion(newName).getVersion()).isEqualTo("3");
    create(name);
    assertThat(newVersion(name).getVersion()).isEqualTo("1");
    assertThat(changes(newName))
        .containsExactly(
            "MODEL_CREATED",
            "VERSION_CREATED v1 source:->s3://bucket/model",
            "VERSION_CREATED v2 source:->s3://bucket/model",
            "MODEL_RENAMED name:%s>%s".formatted(name, newName),
            "VERSION_CREATED v3 source:->s3://bucket/model");
  }

  @Test
  final void renamesThatFail() {
    String name = newModel();
    String other = newModel();
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Registered Model (name=%s) already exists.".formatted(other),
        () -> rename(name, other));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Missing value for required parameter 'new_name'.",
        () -> rename(name, " "));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid model name 'b/c'. Names cannot contain '/' or ':'.",
        () -> rename("a/b", "b/c"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound("no model"), () -> rename("no model", other));
    assertThat(changes(name)).containsExactly("MODEL_CREATED");
    assertThat(rename(name, name).getName()).isEqualTo(name);
  }

  @Test
  final void deletedModelTakesEverythingWithIt() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    setTag(name, "t", "1");
    delete(name);
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name), () -> model(name));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name), () -> delete(name));
    create(name);
    RegisteredModel again = model(name);
    assertThat(again.getTagsList()).isEmpty();
    assertThat(again.getLatestVersionsList()).isEmpty();
    assertThat(newVersion(name).getVersion()).isEqualTo("1");
    assertThat(changes(name)).hasSize(7).contains("MODEL_DELETED");
  }

  @Test
  final void tags() {
    String name = newModel();
    setTag(name, "a", "1");
    setTag(name, "a", "2");
    setTag(name, "b", "");
    RegisteredModel model = model(name);
    assertThat(model.getTagsList()).containsExactlyInAnyOrder(tag("a", "2"), tag("b", ""));
    assertThat(model.getLastUpdatedTimestamp()).isEqualTo(model.getCreationTimestamp());
    deleteTag(name, "a");
    deleteTag(name, "a");
    deleteTag(name, "k".repeat(300));
    assertThat(model(name).getTagsList()).containsExactly(tag("b", ""));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound("no model"), () -> setTag("no model", "a", ""));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound("no model"), () -> deleteTag("no model", "a"));
    assertThat(changes(name))
        .containsExactly(
            "MODEL_CREATED",
            "MODEL_TAG_SET tag.a:->1",
            "MODEL_TAG_SET tag.a:1>2",
            "MODEL_TAG_SET tag.b:->",
            "MODEL_TAG_DELETED tag.a:2>-",
            "MODEL_TAG_DELETED tag.a:->-",
            "MODEL_TAG_DELETED tag.%s:->-".formatted("k".repeat(300)));
  }

  @Test
  final void historyKnowsWhoDidIt() {
    String name = unique("history");
    as("ada", () -> create(name));
    as("bob", () -> describe(name, "d"));
    setTag(name, "a", "1");
    assertThat(history(name).get(0).getUser()).isEqualTo("ada");
    assertThat(history(name).get(1).getUser()).isEqualTo("bob");
    assertThat(history(name).get(2).hasUser()).isFalse();
  }

  @Test
  final void readingTakesFewStatements() {
    String name = newModel();
    for (int i = 0; i < 5; i++) {
      newVersion(name);
    }
    assertThat(statements(() -> model(name))).isEqualTo(5);
  }
}
