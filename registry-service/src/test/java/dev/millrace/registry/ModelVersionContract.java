package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.GetModelVersionRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionStatus;
import dev.millrace.proto.ModelVersionTag;
import dev.millrace.proto.RegisteredModelTag;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.SetRegisteredModelTagRequest;
import dev.millrace.proto.UpdateModelVersionRequest;
import dev.millrace.testing.Together;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class ModelVersionContract extends RegistryContract {

  private static CreateModelVersionRequest.Builder from(String name) {
    return CreateModelVersionRequest.newBuilder().setName(name).setSource("s3://bucket/model");
  }

  private static ModelVersionTag tag(String key, String value) {
    return ModelVersionTag.newBuilder().setKey(key).setValue(value).build();
  }

  private ModelVersion get(String name, String version) {
    return versions
        .getModelVersion(
            GetModelVersionRequest.newBuilder().setName(name).setVersion(version).build())
        .getModelVersion();
  }

  private void delete(String name, String version) {
    versions.deleteModelVersion(
        DeleteModelVersionRequest.newBuilder().setName(name).setVersion(version).build());
  }

  private void setTag(String name, String version, String key, String value) {
    versions.setModelVersionTag(
        SetModelVersionTagRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setKey(key)
            .setValue(value)
            .build());
  }

  private void deleteTag(String name, String version, String key) {
    versions.deleteModelVersionTag(
        DeleteModelVersionTagRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setKey(key)
            .build());
  }

  private static String notFound(String name, String version) {
    return "Model Version (name=%s, version=%s) not found".formatted(name, version);
  }

  @Test
  final void createdVersionReadsBackEqual() {
    String name = newModel();
    ModelVersion created =
        create(
            from(name)
                .setRunId("r1")
                .setRunLink("http://run")
                .setDescription("d".repeat(6_000))
                .addTags(tag("b", "1"))
                .addTags(tag("a/ü", ""))
                .addTags(tag("b", "2")));
    assertThat(created.getVersion()).isEqualTo("1");
    assertThat(created.getTagsList()).containsExactlyInAnyOrder(tag("a/ü", ""), tag("b", "2"));
    assertThat(created.getCurrentStage()).isEqualTo("None");
    assertThat(created.getStatus()).isEqualTo(ModelVersionStatus.READY);
    assertThat(created.getLastUpdatedTimestamp()).isEqualTo(created.getCreationTimestamp());
    assertThat(get(name, "1").toBuilder().clearTags().build())
        .isEqualTo(created.toBuilder().clearTags().build());
    assertThat(get(name, "1").getTagsList())
        .containsExactlyInAnyOrderElementsOf(created.getTagsList());
    assertThat(model(name).getLastUpdatedTimestamp()).isEqualTo(created.getCreationTimestamp());
  }

  @Test
  final void textsThatAreNotGivenAreEmpty() {
    ModelVersion version = newVersion(newModel());
    assertThat(version.getDescription()).isEmpty();
    assertThat(version.hasDescription()).isTrue();
    assertThat(version.hasRunId()).isTrue();
    assertThat(version.hasRunLink()).isTrue();
    assertThat(version.hasUserId()).isFalse();
    assertThat(version.hasStatusMessage()).isFalse();
    assertThat(version.hasModelId()).isFalse();
  }

  @Test
  final void refusedVersionsStoreNothing() {
    String name = newModel();
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Registered Model with name=no model not found",
        () -> create(from("no model")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid model name 'a/b'. Names cannot contain '/' or ':'.",
        () -> create(from("a/b")));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'key' exceeds the maximum length of 250 characters",
        () -> create(from(name).addTags(tag("ok", "")).addTags(tag("k".repeat(251), ""))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'value' exceeds the maximum length of 100000 characters",
        () -> create(from(name).addTags(tag("k", "v".repeat(100_001)))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Prompt text exceeds max length of 100000 characters.",
        () -> create(from(name).addTags(tag("mlflow.prompt.text", "v".repeat(100_001)))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'run_id' exceeds the maximum length of 500 characters",
        () -> create(from(name).setRunId("r".repeat(501))));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value for parameter 'description' supplied: it must not contain the character"
            + " U+0000.",
        () -> create(from(name).setDescription("a\0b")));
    assertThat(newVersion(name).getVersion()).isEqualTo("1");
    assertThat(changes(name)).hasSize(2);
  }

  @Test
  final void longTextsAreKept() {
    String name = newModel();
    CreateModelVersionRequest.Builder request =
        from(name)
            .setSource("s3://bucket/" + "é".repeat(20_000))
            .setRunId("日".repeat(500))
            .setRunLink("l".repeat(20_000))
            .setDescription("ü".repeat(500_000))
            .addTags(tag("日".repeat(250), "é".repeat(100_000)));
    assertThat(create(request)).isEqualTo(get(name, "1"));
  }

  @Test
  final void versionsAreReadLikePythonReadsIntegers() {
    String name = newModel();
    ModelVersion version = newVersion(name);
    for (String text : List.of("1", "+1", " 1 ", "01", "\u00a01", "٠١", "0_1")) {
      assertThat(get(name, text)).isEqualTo(version);
    }
    for (String[] text :
        new String[][] {
          {"0", "0"},
          {"-1", "-1"},
          {"1_0", "10"},
          {"2147483649", "2147483649"},
          {"9".repeat(40), "9".repeat(40)}
        }) {
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name, text[1]), () -> get(name, text[0]));
    }
    for (String text : List.of("1.0", "x", "1e1", "--1", "1__0", "_1", " ", "9".repeat(4301))) {
      String bad = "Parameter 'version' must be an integer, got '%s'.".formatted(text);
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> get(name, text));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> get("no model", text));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> delete("a/b", text));
    }
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid model name 'a/b'. Names cannot contain '/' or ':'.",
        () -> get("a/b", "x"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound("no model", "1"), () -> get("no model", "1"));
  }

  @Test
  final void concurrentCreatorsGetConsecutiveNumbers() {
    String name = newModel();
    Set<Integer> numbers = ConcurrentHashMap.newKeySet();
    Together.run(
        64,
        i ->
            numbers.add(
                Integer.parseInt(
                    create(from(name).addTags(tag("i", Integer.toString(i)))).getVersion())));
    assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, 64).boxed().collect(Collectors.toSet()));
    assertThat(history(name)).hasSize(65);
  }

  @Test
  final void creatorsOfSeveralModelsDoNotMeet() {
    List<String> names = IntStream.range(0, 4).mapToObj(_ -> newModel()).toList();
    Together.run(64, i -> newVersion(names.get(i % 4)));
    for (String name : names) {
      assertThat(model(name).getLatestVersions(0).getVersion()).isEqualTo("16");
    }
  }

  @Test
  final void creatorsOutliveRenamesAndChanges() {
    String name = newModel();
    String other = unique("other");
    newVersion(name);
    Together.run(
        48,
        i -> {
          switch (i % 3) {
            case 0 -> newVersion(name);
            case 1 -> setTag(name, "1", "t" + i, "v");
            default ->
                versions.updateModelVersion(
                    UpdateModelVersionRequest.newBuilder()
                        .setName(name)
                        .setVersion("1")
                        .setDescription("d" + i)
                        .build());
          }
        });
    models.renameRegisteredModel(
        RenameRegisteredModelRequest.newBuilder().setName(name).setNewName(other).build());
    assertThat(get(other, "1").getTagsCount()).isEqualTo(16);
    assertThat(get(other, "17").getName()).isEqualTo(other);
    assertThat(newVersion(other).getVersion()).isEqualTo("18");
  }

  @Test
  final void deletedNumbersAreNotGivenOutAgain() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    setTag(name, "2", "t", "v");
    delete(name, "2");
    String gone = notFound(name, "2");
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> delete(name, "2"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> get(name, "2"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> setTag(name, "2", "t", "v"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> deleteTag(name, "2", "t"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, gone, () -> downloadUri(name, "2"));
    assertThat(model(name).getLatestVersions(0).getVersion()).isEqualTo("1");
    assertThat(newVersion(name).getVersion()).isEqualTo("3");
    delete(name, "3");
    delete(name, "1");
    assertThat(model(name).getLatestVersionsList()).isEmpty();
    assertThat(newVersion(name).getVersion()).isEqualTo("4");
    models.deleteRegisteredModel(DeleteRegisteredModelRequest.newBuilder().setName(name).build());
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, notFound(name, "4"), () -> get(name, "4"));
  }

  private String downloadUri(String name, String version) {
    return versions
        .getModelVersionDownloadUri(
            GetModelVersionDownloadUriRequest.newBuilder()
                .setName(name)
                .setVersion(version)
                .build())
        .getArtifactUri();
  }

  @Test
  final void downloadUri() {
    String name = newModel();
    newVersion(name);
    assertThat(downloadUri(name, "1")).isEqualTo("s3://bucket/model");
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Missing value for required parameter 'name'.",
        () -> downloadUri("", ""));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Parameter 'version' must be an integer, got ''.",
        () -> downloadUri(name, ""));
  }

  @Test
  final void descriptions() {
    String name = newModel();
    newVersion(name);
    UpdateModelVersionRequest.Builder update =
        UpdateModelVersionRequest.newBuilder().setName(name).setVersion("1");
    ModelVersion updated =
        versions.updateModelVersion(update.setDescription("new").build()).getModelVersion();
    assertThat(updated.getDescription()).isEqualTo("new");
    assertThat(updated).isEqualTo(get(name, "1"));
    versions.updateModelVersion(update.clearDescription().build());
    assertThat(get(name, "1").hasDescription()).isFalse();
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        notFound(name, "9"),
        () -> versions.updateModelVersion(update.clone().setVersion("9").build()));
    assertThat(changes(name))
        .containsExactly(
            "MODEL_CREATED",
            "VERSION_CREATED v1 source:->s3://bucket/model",
            "VERSION_UPDATED v1 description:>new",
            "VERSION_UPDATED v1 description:new>-");
  }

  @Test
  final void tags() {
    String name = newModel();
    newVersion(name);
    setTag(name, "1", "a", "1");
    setTag(name, " 1", "a", "2");
    setTag(name, "1", "b", "");
    ModelVersion version = get(name, "1");
    assertThat(version.getTagsList()).containsExactlyInAnyOrder(tag("a", "2"), tag("b", ""));
    assertThat(version.getLastUpdatedTimestamp()).isEqualTo(version.getCreationTimestamp());
    deleteTag(name, "1", "a");
    deleteTag(name, "1", "a");
    assertThat(get(name, "1").getTagsList()).containsExactly(tag("b", ""));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Prompt text exceeds max length of 100000 characters.",
        () -> setTag(name, "1", "mlflow.prompt.text", "v".repeat(100_001)));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        notFound("no model", "1"),
        () -> deleteTag("no model", "1", "a"));
    assertThat(changes(name))
        .containsExactly(
            "MODEL_CREATED",
            "VERSION_CREATED v1 source:->s3://bucket/model",
            "VERSION_TAG_SET v1 tag.a:->1",
            "VERSION_TAG_SET v1 tag.a:1>2",
            "VERSION_TAG_SET v1 tag.b:->",
            "VERSION_TAG_DELETED v1 tag.a:2>-",
            "VERSION_TAG_DELETED v1 tag.a:->-");
  }

  @Test
  final void promptsAreTold() {
    String name = newModel();
    newVersion(name);
    models.setRegisteredModelTag(
        SetRegisteredModelTagRequest.newBuilder()
            .setName(name)
            .setKey("mlflow.prompt.is_prompt")
            .setValue("True")
            .build());
    create(
        CreateModelVersionRequest.newBuilder()
            .setName(name)
            .setSource("dummy-source")
            .addTags(tag("mlflow.prompt.is_prompt", "TRUE")));
    assertThat(model(name).getTagsList())
        .containsExactly(
            RegisteredModelTag.newBuilder()
                .setKey("mlflow.prompt.is_prompt")
                .setValue("True")
                .build());
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid prompt source: 's3://x/y'. Prompt sources must use an MLflow placeholder.",
        () ->
            create(
                from(name).setSource("s3://x/y").addTags(tag("mlflow.prompt.is_prompt", "true"))));
  }

  @Test
  final void hotCallsTakeFewStatements() {
    String name = newModel();
    newVersion(name);
    assertThat(statements(() -> get(name, "1"))).isEqualTo(1);
    assertThat(statements(() -> newVersion(name))).isEqualTo(5);
    assertThat(statements(() -> create(from(name).addTags(tag("a", ""))))).isEqualTo(6);
    assertThat(
            statements(
                () ->
                    versions.getLatestVersions(
                        GetLatestVersionsRequest.newBuilder().setName(name).build())))
        .isEqualTo(4);
  }
}
