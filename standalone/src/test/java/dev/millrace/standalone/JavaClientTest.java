package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.ModelRegistry.RegisteredModel;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.ModelVersionsPage;

/** What the quickstart of the Java client 2.17.2 does, with the client itself. */
final class JavaClientTest {

  @Test
  void quickstart(@TempDir Path folder) throws Exception {
    try (MillraceProcess server = MillraceProcess.start(folder);
        MlflowClient client = new MlflowClient(server.address())) {
      String experimentId = client.createExperiment("java");
      assertThat(client.getExperiment(experimentId).getName()).isEqualTo("java");
      assertThat(client.getExperimentByName("java")).isPresent();
      assertThat(client.getExperimentByName("no such")).isEmpty();

      MlflowContext context = new MlflowContext(client);
      context.setExperimentName("java");
      ActiveRun parent = context.startRun("parent");
      parent.logParam("alpha", "0.5");
      for (int step = 0; step < 3; step++) {
        parent.logMetric("loss", 1.0 / (step + 1), step);
      }
      parent.setTag("team", "blue");
      ActiveRun child = context.startRun("child", parent.getId());
      child.logMetric("loss", Double.NaN);
      child.endRun(RunStatus.FAILED);
      parent.endRun();

      Run read = client.getRun(parent.getId());
      assertThat(read.getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
      assertThat(read.getInfo().getEndTime()).isGreaterThanOrEqualTo(read.getInfo().getStartTime());
      assertThat(read.getData().getParams(0).getValue()).isEqualTo("0.5");
      assertThat(read.getData().getMetrics(0).getStep()).isEqualTo(2);
      assertThat(client.getMetricHistory(parent.getId(), "loss"))
          .extracting(Metric::getStep)
          .containsExactly(0L, 1L, 2L);
      assertThat(client.getRun(child.getId()).getData().getMetrics(0).getValue()).isNaN();
      assertThat(
              client
                  .searchRuns(
                      List.of(experimentId),
                      "tags.mlflow.parentRunId = '%s'".formatted(parent.getId()),
                      ViewType.ACTIVE_ONLY,
                      10)
                  .getItems())
          .extracting(run -> run.getInfo().getRunId())
          .containsExactly(child.getId());

      client.deleteRun(child.getId());
      assertThat(client.getRun(child.getId()).getInfo().getLifecycleStage()).isEqualTo("deleted");
      assertThatThrownBy(() -> client.getRun("no-such-run"))
          .isInstanceOf(MlflowHttpException.class)
          .hasMessageContaining("404");
    }
  }

  /** The client reads the registry by methods, and writes it by JSON. */
  @Test
  void registry(@TempDir Path folder) throws Exception {
    try (MillraceProcess server = MillraceProcess.start(folder);
        MlflowClient client = new MlflowClient(server.address())) {
      String runId = client.createRun().getRunId();
      String source = client.getRun(runId).getInfo().getArtifactUri() + "/model";
      client.sendPost("registered-models/create", "{\"name\": \"forest\"}");
      for (int i = 0; i < 3; i++) {
        client.sendPost(
            "model-versions/create",
            "{\"name\": \"forest\", \"source\": \"%s\", \"run_id\": \"%s\"}"
                .formatted(source, runId));
      }
      client.sendPost(
          "model-versions/transition-stage",
          "{\"name\": \"forest\", \"version\": \"2\", \"stage\": \"Production\"}");
      client.sendPost(
          "registered-models/alias",
          "{\"name\": \"forest\", \"alias\": \"champion\", \"version\": \"2\"}");
      client.sendPatch(
          "registered-models/update", "{\"name\": \"forest\", \"description\": \"trees\"}");

      RegisteredModel model = client.getRegisteredModel("forest");
      assertThat(model.getDescription()).isEqualTo("trees");
      assertThat(model.getLatestVersionsList())
          .extracting(ModelVersion::getVersion)
          .containsExactlyInAnyOrder("2", "3");
      assertThat(client.getLatestVersions("forest", List.of("Production")))
          .extracting(ModelVersion::getVersion)
          .containsExactly("2");
      ModelVersion version = client.getModelVersion("forest", "2");
      assertThat(version.getCurrentStage()).isEqualTo("Production");
      assertThat(version.getRunId()).isEqualTo(runId);
      assertThat(client.getModelVersionDownloadUri("forest", "2")).isEqualTo(source);
      assertThat(client.sendGet("registered-models/alias?name=forest&alias=champion"))
          .contains("\"version\":\"2\"");
      ModelVersionsPage first =
          client.searchModelVersions("name='forest'", 2, List.of("version_number ASC"));
      assertThat(first.getItems()).extracting(ModelVersion::getVersion).containsExactly("1", "2");
      assertThat(((ModelVersionsPage) first.getNextPage()).getItems())
          .extracting(ModelVersion::getVersion)
          .containsExactly("3");
      assertThatThrownBy(() -> client.getModelVersion("forest", "4"))
          .isInstanceOf(MlflowHttpException.class)
          .hasMessageContaining("404");
    }
  }
}
