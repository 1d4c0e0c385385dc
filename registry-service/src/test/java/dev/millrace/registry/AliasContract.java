package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteRegisteredModelAliasRequest;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.GetModelVersionByAliasRequest;
import dev.millrace.proto.GetModelVersionRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.RegisteredModelAlias;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SetRegisteredModelAliasRequest;
import dev.millrace.testing.Together;
import java.util.List;
import org.junit.jupiter.api.Test;

abstract class AliasContract extends RegistryContract {

  private void set(String name, String alias, String version) {
    models.setRegisteredModelAlias(
        SetRegisteredModelAliasRequest.newBuilder()
            .setName(name)
            .setAlias(alias)
            .setVersion(version)
            .build());
  }

  private void delete(String name, String alias) {
    models.deleteRegisteredModelAlias(
        DeleteRegisteredModelAliasRequest.newBuilder().setName(name).setAlias(alias).build());
  }

  private ModelVersion get(String name, String alias) {
    return versions
        .getModelVersionByAlias(
            GetModelVersionByAliasRequest.newBuilder().setName(name).setAlias(alias).build())
        .getModelVersion();
  }

  private static RegisteredModelAlias aliasOf(String alias, String version) {
    return RegisteredModelAlias.newBuilder().setAlias(alias).setVersion(version).build();
  }

  private static String notFound(String alias) {
    return "Registered model alias %s not found.".formatted(alias);
  }

  @Test
  final void aliasesNameVersions() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    set(name, "champion", "1");
    set(name, "champion", "2");
    set(name, "Champion", "+1");
    set(name, "b", "2");
    assertThat(get(name, "champion").getVersion()).isEqualTo("2");
    assertThat(get(name, "champion").getAliasesList()).containsExactly("b", "champion");
    assertThat(model(name).getAliasesList())
        .containsExactly(aliasOf("Champion", "1"), aliasOf("b", "2"), aliasOf("champion", "2"));
    assertThat(model(name).getLatestVersions(0).getAliasesList()).isEmpty();
    assertThat(latest(name).getAliasesList()).containsExactly("b", "champion");
    assertThat(
            versions
                .getModelVersion(
                    GetModelVersionRequest.newBuilder().setName(name).setVersion("1").build())
                .getModelVersion()
                .getAliasesList())
        .containsExactly("Champion");
    delete(name, "b");
    delete(name, "b");
    assertThat(get(name, "champion").getAliasesList()).containsExactly("champion");
    assertThat(changes(name).subList(3, 9))
        .containsExactly(
            "ALIAS_SET v1 alias.champion:->1",
            "ALIAS_SET v2 alias.champion:1>2",
            "ALIAS_SET v1 alias.Champion:->1",
            "ALIAS_SET v2 alias.b:->2",
            "ALIAS_DELETED alias.b:2>-",
            "ALIAS_DELETED alias.b:->-");
  }

  private ModelVersion latest(String name) {
    return versions
        .getLatestVersions(GetLatestVersionsRequest.newBuilder().setName(name).build())
        .getModelVersions(0);
  }

  @Test
  final void latestIsTheHighest() {
    String name = newModel();
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Latest version not found for model %s.".formatted(name),
        () -> get(name, "latest"));
    newVersion(name);
    newVersion(name);
    set(name, "a", "2");
    assertThat(get(name, "latest")).isEqualTo(get(name, "a"));
    assertThat(get(name, "LaTest").getVersion()).isEqualTo("2");
    versions.deleteModelVersion(
        DeleteModelVersionRequest.newBuilder().setName(name).setVersion("2").build());
    assertThat(get(name, "latest").getVersion()).isEqualTo("1");
  }

  @Test
  final void possibleAliases() {
    String name = newModel();
    newVersion(name);
    for (String alias : List.of("é", "日-_9", "v", "v1a", "a\n", "²", "①", "x".repeat(255))) {
      set(name, alias, "1");
      assertThat(get(name, alias).getVersion()).isEqualTo("1");
    }
  }

  @Test
  final void impossibleAliases() {
    String name = newModel();
    newVersion(name);
    for (String alias : List.of("a b", "a.b", "a/b", "a\0", "a\u200d", "a\nb", "a\n\n")) {
      String bad =
          "Invalid alias name: '%s'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
              .formatted(alias);
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> set(name, alias, "x"));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> get(name, alias));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, bad, () -> delete(name, alias));
    }
    for (String alias : List.of("latest", "LATEST")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "'latest' alias name (case insensitive) is reserved.",
          () -> set(name, alias, "x"));
      delete(name, alias);
    }
    for (String alias : List.of("v1", "V12", "v1\n", "v٣")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Version alias name '%s' is reserved.".formatted(alias),
          () -> set(name, alias, "1"));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, notFound(alias), () -> get(name, alias));
    }
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'Registered model alias name' exceeds the maximum length of 255 characters",
        () -> set(name, "x".repeat(256), "1"));
    assertThat(model(name).getAliasesList()).isEmpty();
  }

  @Test
  final void whatIsNotThere() {
    String name = newModel();
    newVersion(name);
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, notFound("a"), () -> get(name, "a"));
    String noModel = "Registered Model with name=no model not found";
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, noModel, () -> get("no model", "a"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, noModel, () -> get("no model", "latest"));
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, noModel, () -> delete("no model", "a"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Model Version (name=no model, version=9) not found",
        () -> set("no model", "a", "9"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Model Version (name=%s, version=9) not found".formatted(name),
        () -> set(name, "a", "9"));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Parameter 'version' must be an integer, got 'x'.",
        () -> set(name, "a", "x"));
    assertThat(changes(name)).hasSize(2);
  }

  @Test
  final void aliasesGoWithTheirVersion() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    set(name, "a", "1");
    set(name, "b", "2");
    versions.deleteModelVersion(
        DeleteModelVersionRequest.newBuilder().setName(name).setVersion("2").build());
    assertThat(model(name).getAliasesList()).containsExactly(aliasOf("a", "1"));
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, notFound("b"), () -> get(name, "b"));
    assertThat(newVersion(name).getAliasesList()).isEmpty();
  }

  @Test
  final void aliasesFollowTheirModel() {
    String name = newModel();
    String newName = unique("renamed");
    newVersion(name);
    set(name, "a", "1");
    models.renameRegisteredModel(
        RenameRegisteredModelRequest.newBuilder().setName(name).setNewName(newName).build());
    assertThat(get(newName, "a").getName()).isEqualTo(newName);
    models.deleteRegisteredModel(
        DeleteRegisteredModelRequest.newBuilder().setName(newName).build());
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Registered Model with name=%s not found".formatted(newName),
        () -> get(newName, "a"));
  }

  @Test
  final void oneAliasSetByManyNamesOneOfThem() {
    String name = newModel();
    for (int i = 0; i < 8; i++) {
      newVersion(name);
    }
    Together.run(32, i -> set(name, "a", Integer.toString(i % 8 + 1)));
    assertThat(model(name).getAliasesCount()).isEqualTo(1);
    assertThat(changes(name)).hasSize(41);
  }

  @Test
  final void readingByAliasTakesFewStatements() {
    String name = newModel();
    newVersion(name);
    set(name, "a", "1");
    assertThat(statements(() -> get(name, "a"))).isEqualTo(1);
    assertThat(statements(() -> get(name, "latest"))).isEqualTo(4);
  }
}
