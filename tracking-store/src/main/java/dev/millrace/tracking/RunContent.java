package dev.millrace.tracking;

import java.util.ArrayList;
import java.util.List;

/**
 * A run with everything that was logged to it; {@link RunStore#load} fills it.
 *
 * @param metrics the latest point of each key
 * @param modelInputs the logged models it uses; searches leave them out, as mlflow 3.17.2 {@code
 *     sqlalchemy_store.py} does
 * @param modelOutputs the logged models it made
 */
record RunContent(
    RunRow run,
    List<MetricRow> metrics,
    List<PairRow> params,
    List<PairRow> tags,
    List<DatasetInputRow> datasetInputs,
    List<String> modelInputs,
    List<ModelOutputRow> modelOutputs) {

  RunContent(RunRow run) {
    this(
        run,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }
}
