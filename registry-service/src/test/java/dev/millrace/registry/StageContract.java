package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

abstract class StageContract extends RegistryContract {

  private ModelVersion move(String name, String version, String stage, boolean archive) {
    return versions
        .transitionModelVersionStage(
            TransitionModelVersionStageRequest.newBuilder()
                .setName(name)
                .setVersion(version)
                .setStage(stage)
                .setArchiveExistingVersions(archive)
                .build())
        .getModelVersion();
  }

  private List<String> latest(String name, String... stages) {
    return versions
        .getLatestVersions(
            GetLatestVersionsRequest.newBuilder()
                .setName(name)
                .addAllStages(List.of(stages))
                .build())
        .getModelVersionsList()
        .stream()
        .map(version -> version.getVersion() + " " + version.getCurrentStage())
        .toList();
  }

  private static String noStage(String stage) {
    return "Invalid Model Version stage: %s. Value must be one of None, Staging, Production, Archived."
        .formatted(stage);
  }

  @Test
  final void anyStageFollowsAnyOther() {
    String name = newModel();
    newVersion(name);
    for (String stage : List.of("Production", "Staging", "Archived", "None", "None")) {
      ModelVersion moved = move(name, "1", stage.toUpperCase(Locale.ROOT), false);
      assertThat(moved.getCurrentStage()).isEqualTo(stage);
      assertThat(model(name).getLatestVersions(0)).isEqualTo(moved);
      assertThat(model(name).getLastUpdatedTimestamp()).isEqualTo(moved.getLastUpdatedTimestamp());
    }
    assertThat(changes(name).subList(2, 7))
        .containsExactly(
            "VERSION_STAGE_CHANGED v1 stage:None>Production",
            "VERSION_STAGE_CHANGED v1 stage:Production>Staging",
            "VERSION_STAGE_CHANGED v1 stage:Staging>Archived",
            "VERSION_STAGE_CHANGED v1 stage:Archived>None",
            "VERSION_STAGE_CHANGED v1 stage:None>None");
  }

  @Test
  final void othersAreArchivedIfAskedFor() {
    String name = newModel();
    for (int i = 0; i < 4; i++) {
      newVersion(name);
    }
    move(name, "1", "Production", false);
    move(name, "2", "Production", false);
    move(name, "4", "Staging", false);
    ModelVersion moved = move(name, "03", "production", true);
    assertThat(latest(name)).containsExactly("2 Archived", "3 Production", "4 Staging");
    assertThat(model(name).getLatestVersions(0).getLastUpdatedTimestamp())
        .isEqualTo(moved.getLastUpdatedTimestamp());
    assertThat(changes(name).subList(8, 11))
        .containsExactly(
            "VERSION_STAGE_CHANGED v1 stage:Production>Archived",
            "VERSION_STAGE_CHANGED v2 stage:Production>Archived",
            "VERSION_STAGE_CHANGED v3 stage:None>Production");
    move(name, "3", "Production", true);
    assertThat(latest(name, "Production")).containsExactly("3 Production");
  }

  @Test
  final void archivingManyTakesFewStatements() {
    String name = newModel();
    for (int i = 1; i <= 10; i++) {
      newVersion(name);
      move(name, Integer.toString(i), "Staging", false);
    }
    newVersion(name);
    assertThat(statements(() -> move(name, "11", "Staging", true))).isEqualTo(11);
    assertThat(history(name)).hasSize(33);
    assertThat(history(name).subList(22, 32))
        .allSatisfy(change -> assertThat(change.getFields(0).getNewValue()).isEqualTo("Archived"));
  }

  @Test
  final void onlyActiveStagesPushOthersOut() {
    String name = newModel();
    newVersion(name);
    for (String stage : List.of("None", "archived")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Model version transition cannot archive existing model versions because '%s' is not an Active stage. Valid stages are ['Staging', 'Production']"
              .formatted(stage),
          () -> move(name, "x", stage, true));
    }
    assertThat(changes(name)).hasSize(2);
  }

  @Test
  final void whatIsNoStageOrVersion() {
    String name = newModel();
    newVersion(name);
    newVersion(name);
    move(name, "1", "Staging", false);
    for (String stage : List.of("foo", " staging", "Deleted_Internal", "İ")) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE, noStage(stage), () -> move("a/b", "x", stage, true));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, noStage(stage), () -> latest(name, stage));
    }
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, noStage(""), () -> latest(name, ""));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid model name 'a/b'. Names cannot contain '/' or ':'.",
        () -> move("a/b", "x", "Staging", true));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Model Version (name=%s, version=9) not found".formatted(name),
        () -> move(name, "9", "Staging", true));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Registered Model with name=no model not found",
        () -> latest("no model", "foo"));
    assertThat(latest(name)).containsExactly("1 Staging", "2 None");
  }

  @Test
  final void latestOfSomeStages() {
    String name = newModel();
    assertThat(latest(name)).isEmpty();
    for (int i = 1; i <= 5; i++) {
      newVersion(name);
    }
    move(name, "4", "Staging", false);
    move(name, "1", "Staging", false);
    assertThat(latest(name)).containsExactly("4 Staging", "5 None");
    assertThat(latest(name, "STAGING", "staging")).containsExactly("4 Staging");
    assertThat(latest(name, "Production")).isEmpty();
    assertThat(model(name).getLatestVersionsCount()).isEqualTo(2);
  }
}
