package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;

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
}
