package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.Dataset;
import dev.millrace.proto.DatasetInput;
import dev.millrace.proto.DatasetServiceGrpc;
import dev.millrace.proto.DatasetSummary;
import dev.millrace.proto.InputTag;
import dev.millrace.proto.LogInputsRequest;
import dev.millrace.proto.SearchDatasetsRequest;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

abstract class DatasetContract extends TrackingContract {

  private List<DatasetSummary> search(String... experimentIds) {
    return DatasetServiceGrpc.newBlockingStub(channel)
        .searchDatasets(
            SearchDatasetsRequest.newBuilder().addAllExperimentIds(List.of(experimentIds)).build())
        .getDatasetSummariesList();
  }

  private void log(String runId, String name, String... contexts) {
    DatasetInput.Builder input =
        DatasetInput.newBuilder().setDataset(Dataset.newBuilder().setName(name).setDigest("d"));
    for (String context : contexts) {
      input.addTags(InputTag.newBuilder().setKey("mlflow.data.context").setValue(context));
    }
    runs.logInputs(LogInputsRequest.newBuilder().setRunId(runId).addDatasets(input).build());
  }

  private static DatasetSummary summary(String experiment, String name, String context) {
    DatasetSummary.Builder summary =
        DatasetSummary.newBuilder().setExperimentId(experiment).setName(name).setDigest("d");
    return context.isEmpty() ? summary.build() : summary.setContext(context).build();
  }

  @Test
  final void eachUseOfADatasetOnce() {
    String experiment = newExperiment();
    String other = newExperiment();
    String run = newRun(experiment);
    log(run, "iris", "train");
    log(run, "plain");
    log(newRun(experiment), "iris", "eval");
    log(newRun(experiment), "iris", "eval");
    log(newRun(experiment), "iris");
    log(newRun(other), "iris", "train");
    // The run has this dataset already: the new use counts for nothing.
    log(run, "iris", "never");
    assertThat(search(experiment, experiment))
        .containsExactlyInAnyOrder(
            summary(experiment, "iris", ""),
            summary(experiment, "iris", "eval"),
            summary(experiment, "iris", "train"),
            summary(experiment, "plain", ""));
    assertThat(search(experiment, other)).hasSize(5);
    assertThat(search("987654321")).isEmpty();
    assertThat(statements(() -> search(experiment, other))).isEqualTo(1);
  }

  @Test
  final void neverMoreThanAThousand() {
    String experiment = newExperiment();
    runs.logInputs(
        LogInputsRequest.newBuilder()
            .setRunId(newRun(experiment))
            .addAllDatasets(
                IntStream.range(0, 1001)
                    .mapToObj(
                        i ->
                            DatasetInput.newBuilder()
                                .setDataset(Dataset.newBuilder().setName("n" + i))
                                .build())
                    .toList())
            .build());
    assertThat(search(experiment)).hasSize(1000);
  }

  @Test
  final void experimentsThatCannotBeAsked() {
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "SearchDatasets request must specify at least one experiment_id.",
        this::search);
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "SearchDatasets request cannot specify more than 20 experiment_ids. Received 21"
            + " experiment_ids.",
        () -> search(Collections.nCopies(21, "0").toArray(String[]::new)));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid experiment ID 'x'. Experiment ID must be a valid integer.",
        () -> search("0", "x"));
  }
}
