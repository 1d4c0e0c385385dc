package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.DeleteExperimentRequest;
import dev.millrace.proto.DeleteExperimentTagRequest;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentTag;
import dev.millrace.proto.GetExperimentByNameRequest;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.RestoreExperimentRequest;
import dev.millrace.proto.SetExperimentTagRequest;
import dev.millrace.proto.UpdateExperimentRequest;
import dev.millrace.testing.Together;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

abstract class ExperimentContract extends TrackingContract {

  @Test
  final void defaultExperimentIsThere() {
    Experiment experiment = get("0");
    assertThat(experiment.getName()).isEqualTo("Default");
    assertThat(experiment.getArtifactLocation()).isEqualTo("mlflow-artifacts:/0");
    assertThat(experiment.getLifecycleStage()).isEqualTo("active");
    assertThat(experiment.getWorkspace()).isEqualTo("default");
  }

  @Test
  final void createdExperimentReadsBackById() {
    String name = unique("Ünï 日本 🚀 'q'");
    String id =
        experiments
            .createExperiment(create(name).addTags(tagOf("a", "1")).addTags(tagOf("b", "")).build())
            .getExperimentId();
    Experiment experiment = get(id);
    assertThat(experiment.getName()).isEqualTo(name);
    assertThat(experiment.getArtifactLocation()).isEqualTo("mlflow-artifacts:/" + id);
    assertThat(experiment.getCreationTime()).isEqualTo(experiment.getLastUpdateTime());
    assertThat(experiment.getTagsList()).containsExactlyInAnyOrder(tagOf("a", "1"), tagOf("b", ""));
    assertThat(getByName(name)).isEqualTo(experiment);
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/a?x=y, s3://bucket/a/%s/artifacts?x=y",
    "s3://bucket/a/, s3://bucket/a/%s/artifacts",
    "gs://bucket, gs://bucket/%s/artifacts",
    "/local/path, /local/path/%s/artifacts",
    "file:///local, file:///local/%s/artifacts",
    "mlflow-artifacts:/own, mlflow-artifacts:/own/%s/artifacts"
  })
  final void runsKeepTheirFilesBelowTheLocation(String location, String runUri) {
    String id =
        experiments
            .createExperiment(create(unique("at")).setArtifactLocation(location).build())
            .getExperimentId();
    assertThat(get(id).getArtifactLocation()).isEqualTo(location);
    String run = newRun(id);
    assertThat(run(run).getInfo().getArtifactUri()).isEqualTo(runUri.formatted(run));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://host/x",
        "HTTPS://host/x",
        "ftp://user:secret@host/x",
        "sftp://host/x",
        "hdfs://host:9000/x",
        "viewfs://host/x",
        "abfss://c@host/x",
        "r2://b@host/x",
        "mlflow-artifacts://host/x",
        "runs:/abc/x",
        "s3://bucket/a#fragment",
        "/path;params",
        "s3://bucket/a?x=..",
        "s3://bucket/a?x=%2e%2e",
        "s3://bucket/a?x=%zz%25252e%2e",
        "s3://bucket/\0"
      })
  final void refusesLocationsThatMayNotBe(String location) {
    String name = unique("refused");
    assertFailsWith(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () -> experiments.createExperiment(create(name).setArtifactLocation(location).build()));
    assertMissing(name);
  }

  @Test
  final void limits() {
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'name' exceeds the maximum length of 500 characters",
        () -> experiments.createExperiment(create("n".repeat(501)).build()));
    experiments.createExperiment(create("🚀".repeat(500)).build());
    String name = unique("limits");
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "'value' exceeds the maximum length of 20000 characters",
        () ->
            experiments.createExperiment(
                create(name).addTags(tagOf("k", "v".repeat(20_001))).build()));
    assertMissing(name);
    String id = newExperiment();
    for (int view = 0; view < 50; view++) {
      setTag(id, "mlflow.customView.view" + view, "v");
    }
    setTag(id, "mlflow.customView.view7", "changed");
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Unable to create another custom view for experiment "
            + id
            + "; the maximum number of custom views per experiment is 50. Delete an existing custom"
            + " view before creating a new one.",
        () -> setTag(id, "mlflow.customView.view50", "v"));
  }

  @Test
  final void tags() {
    String id = newExperiment();
    setTag(id, "k", "1");
    setTag(id, "k", "2");
    setTag(id, "k", "2");
    assertThat(get(id).getTagsList()).containsExactly(tagOf("k", "2"));
    deleteTag(id, "k");
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No tag with name: k in experiment with id " + id,
        () -> deleteTag(id, "k"));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value \"../k\\u00fc\" for parameter 'key' supplied: Names may be treated as files"
            + " in certain cases, and must not resolve to other names when treated as such. This"
            + " name would resolve to '../kü'",
        () -> setTag(id, "../kü", "v"));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Trace archival config must use type 'duration'.",
        () -> setTag(id, "mlflow.trace.archivalRetention", "{}"));
    setTag(id, "mlflow.trace.archivalRetention", "{\"type\":\"duration\",\"value\":\"30d\"}");
  }

  @Test
  final void renames() {
    String old = unique("old");
    String id = experiments.createExperiment(create(old).build()).getExperimentId();
    String name = unique("new");
    rename(id, name);
    assertThat(getByName(name).getExperimentId()).isEqualTo(id);
    assertMissing(old);
    rename(id, name);
    assertFails(
        ErrorCode.BAD_REQUEST,
        "Experiment(name=Default) already exists.",
        () -> rename(id, "Default"));
    delete(id);
    assertFails(
        ErrorCode.INVALID_STATE,
        "Cannot rename a non-active experiment.",
        () -> rename(id, unique("late")));
  }

  @Test
  final void deletionTakesRunsAlong() {
    String name = unique("deleted");
    String id = experiments.createExperiment(create(name).build()).getExperimentId();
    String kept = newRun(id);
    String deleted = newRun(id);
    runs.deleteRun(DeleteRunRequest.newBuilder().setRunId(deleted).build());
    assertThat(statements(() -> delete(id))).isEqualTo(2);
    assertThat(get(id).getLifecycleStage()).isEqualTo("deleted");
    assertThat(getByName(name).getLifecycleStage()).isEqualTo("deleted");
    assertThat(run(kept).getInfo().getLifecycleStage()).isEqualTo("deleted");
    String missing = "No Experiment with id=" + id + " exists";
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, missing, () -> delete(id));
    String state =
        "The experiment " + id + " must be in the 'active' state. Current state is deleted.";
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, state, () -> newRun(id));
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, state, () -> setTag(id, "k", "v"));
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, state, () -> deleteTag(id, "k"));
    assertFails(
        ErrorCode.RESOURCE_ALREADY_EXISTS,
        "Experiment(name=" + name + ") already exists.",
        () -> experiments.createExperiment(create(name).build()));
    restore(id);
    assertFails(ErrorCode.RESOURCE_DOES_NOT_EXIST, missing, () -> restore(id));
    assertThat(get(id).getLifecycleStage()).isEqualTo("active");
    assertThat(run(kept).getInfo().getLifecycleStage()).isEqualTo("active");
    assertThat(run(deleted).getInfo().getLifecycleStage()).isEqualTo("active");
  }

  @Test
  final void idsAreReadAsPythonReadsIntegers() {
    String id = newExperiment();
    for (String form : new String[] {" " + id + " ", "0" + id, "+" + id, "0_" + id}) {
      assertThat(get(form).getExperimentId()).isEqualTo(id);
    }
    for (String form : new String[] {"x", "1.5", "1e3", "-", "1__0", id + "x"}) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Invalid experiment ID '" + form + "'. Experiment ID must be a valid integer.",
          () -> get(form));
    }
    for (String form : new String[] {"-1", "987654321", "9".repeat(30)}) {
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          "No Experiment with id=" + form + " exists",
          () -> get(form));
    }
  }

  @Test
  final void oneOfManyConcurrentCreationsWins() {
    String name = unique("race");
    AtomicInteger created = new AtomicInteger();
    Together.run(
        32,
        number -> {
          try {
            experiments.createExperiment(create(name).build());
            created.incrementAndGet();
          } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("already exists");
          }
        });
    assertThat(created).hasValue(1);
  }

  @Test
  final void noRunStaysActiveInAnExperimentDeletedMeanwhile() {
    String id = newExperiment();
    Together.run(
        16,
        number -> {
          if (number == 8) {
            delete(id);
          } else {
            try {
              newRun(id);
            } catch (StatusRuntimeException e) {
              assertThat(e).hasMessageContaining("must be in the 'active' state");
            }
          }
        });
    long active =
        store
            .database()
            .read(
                tx ->
                    tx.query(
                        """
                        SELECT COUNT(*) FROM runs
                        WHERE experiment_id = ? AND lifecycle_stage = 'active'
                        """,
                        row -> row.longValue(1),
                        Long.parseLong(id)))
            .getFirst();
    assertThat(active).isZero();
  }

  private Experiment get(String id) {
    return experiments
        .getExperiment(GetExperimentRequest.newBuilder().setExperimentId(id).build())
        .getExperiment();
  }

  private Experiment getByName(String name) {
    return experiments
        .getExperimentByName(
            GetExperimentByNameRequest.newBuilder().setExperimentName(name).build())
        .getExperiment();
  }

  private void assertMissing(String name) {
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Could not find experiment with name '" + name + "'",
        () -> getByName(name));
  }

  private void rename(String id, String name) {
    experiments.updateExperiment(
        UpdateExperimentRequest.newBuilder().setExperimentId(id).setNewName(name).build());
  }

  private void delete(String id) {
    experiments.deleteExperiment(DeleteExperimentRequest.newBuilder().setExperimentId(id).build());
  }

  private void restore(String id) {
    experiments.restoreExperiment(
        RestoreExperimentRequest.newBuilder().setExperimentId(id).build());
  }

  private void setTag(String id, String key, String value) {
    experiments.setExperimentTag(
        SetExperimentTagRequest.newBuilder()
            .setExperimentId(id)
            .setKey(key)
            .setValue(value)
            .build());
  }

  private void deleteTag(String id, String key) {
    experiments.deleteExperimentTag(
        DeleteExperimentTagRequest.newBuilder().setExperimentId(id).setKey(key).build());
  }

  private static CreateExperimentRequest.Builder create(String name) {
    return CreateExperimentRequest.newBuilder().setName(name);
  }

  private static ExperimentTag tagOf(String key, String value) {
    return ExperimentTag.newBuilder().setKey(key).setValue(value).build();
  }
}
