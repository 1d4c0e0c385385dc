package dev.millrace.tracking;

import dev.millrace.platform.sql.Pipeline;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** What runs used and made: the tables {@code dataset_input*} and {@code model_*puts}. */
final class InputStore {

  /** Which of {@code datasetNos} a run uses. */
  Set<Long> findDatasets(Tx tx, long runNo, List<Long> datasetNos) throws SQLException {
    return new HashSet<>(
        tx.query(
            "SELECT dataset_no FROM dataset_inputs WHERE run_no = ? AND dataset_no = ANY(?)",
            row -> row.longValue(1),
            runNo,
            datasetNos.toArray(Long[]::new)));
  }

  /** Ties datasets, none of them its own yet, in this order to a run that the caller has locked. */
  void insertDatasets(Tx tx, long runNo, Map<Long, List<PairRow>> tagsByDataset)
      throws SQLException {
    tx.update(
        """
        INSERT INTO dataset_inputs (run_no, dataset_no)
        SELECT ?, dataset_no FROM UNNEST(?) WITH ORDINALITY AS added(dataset_no, place)
        ORDER BY place
        """,
        runNo,
        tagsByDataset.keySet().toArray(Long[]::new));
    List<Long> datasetNos = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    List<String> values = new ArrayList<>();
    tagsByDataset.forEach(
        (datasetNo, tags) -> {
          for (PairRow tag : tags) {
            datasetNos.add(datasetNo);
            keys.add(tag.key());
            values.add(tag.value());
          }
        });
    if (datasetNos.isEmpty()) {
      return;
    }
    tx.update(
        """
        INSERT INTO dataset_input_tags (run_no, dataset_no, key, value)
        SELECT ?, dataset_no, key, value FROM UNNEST(?, ?, ?) AS added(dataset_no, key, value)
        """,
        runNo,
        datasetNos.toArray(Long[]::new),
        keys.toArray(String[]::new),
        values.toArray(String[]::new));
  }

  /** Ties logged models to a run that uses them; those that are its own already stay. */
  void insertModelInputs(Tx tx, long runNo, Set<String> modelIds) throws SQLException {
    tx.update(
        """
        INSERT INTO model_inputs (run_no, model_id)
        SELECT ?, model_id FROM UNNEST(?) AS added(model_id)
        ON CONFLICT DO NOTHING
        """,
        runNo,
        // One order for everybody: concurrent batches cannot deadlock.
        new TreeSet<>(modelIds).toArray(String[]::new));
  }

  /**
   * Ties logged models to the run that made them.
   *
   * @return the outputs that could not be added, because the run made that model at another step;
   *     what is there already, as after a retry, counts as added
   */
  List<ModelOutputRow> insertModelOutputs(Tx tx, long runNo, Set<ModelOutputRow> outputs)
      throws SQLException {
    List<ModelOutputRow> sorted = new ArrayList<>(outputs);
    sorted.sort(Comparator.comparing(ModelOutputRow::modelId).thenComparing(ModelOutputRow::step));
    String[] modelIds = sorted.stream().map(ModelOutputRow::modelId).toArray(String[]::new);
    int added =
        tx.update(
            """
            INSERT INTO model_outputs (run_no, model_id, step)
            SELECT ?, model_id, step FROM UNNEST(?, ?) AS added(model_id, step)
            ON CONFLICT DO NOTHING
            """,
            runNo,
            modelIds,
            sorted.stream().map(ModelOutputRow::step).toArray(Long[]::new));
    if (added == sorted.size()) {
      return List.of();
    }
    Set<ModelOutputRow> missing = new LinkedHashSet<>(sorted);
    tx.query(
            "SELECT model_id, step FROM model_outputs WHERE run_no = ? AND model_id = ANY(?)",
            row -> new ModelOutputRow(row.string(1), row.longValue(2)),
            runNo,
            modelIds)
        .forEach(missing::remove);
    return List.copyOf(missing);
  }

  /** Which datasets runs use, in the order in which they were tied to each. */
  List<Use> uses(Pipeline queries, String ofRuns, Object runs) {
    return queries.query(
        "SELECT run_no, dataset_no FROM dataset_inputs WHERE run_no %s ORDER BY run_no, input_no"
            .formatted(ofRuns),
        row -> new Use(row.longValue(1), row.longValue(2)),
        runs);
  }

  /** The datasets that runs use, by run, in the order of {@code uses}; no or two statements. */
  Map<Long, List<DatasetInputRow>> datasetInputs(Tx tx, List<Use> uses) throws SQLException {
    if (uses.isEmpty()) {
      return Map.of();
    }
    Pipeline queries = tx.pipeline();
    // A schema or profile can be long, and runs often share a dataset: each is read once.
    Map<Long, DatasetRow> datasets = new HashMap<>();
    queries.query(
        """
        SELECT dataset_no, name, digest, source_type, source, schema, profile FROM datasets
        WHERE dataset_no = ANY(?)
        """,
        row ->
            datasets.put(
                row.longValue(1),
                new DatasetRow(
                    row.string(2),
                    row.string(3),
                    row.string(4),
                    row.string(5),
                    row.string(6),
                    row.string(7))),
        (Object) uses.stream().map(Use::datasetNo).distinct().toArray(Long[]::new));
    Map<Use, List<PairRow>> tags = new HashMap<>();
    queries.query(
        """
        SELECT run_no, dataset_no, key, value FROM dataset_input_tags WHERE run_no = ANY(?)
        ORDER BY run_no, dataset_no, key
        """,
        row ->
            tags.computeIfAbsent(
                    new Use(row.longValue(1), row.longValue(2)), _ -> new ArrayList<>())
                .add(new PairRow(row.string(3), row.string(4))),
        (Object) uses.stream().map(Use::runNo).distinct().toArray(Long[]::new));
    queries.run();
    Map<Long, List<DatasetInputRow>> inputs = new HashMap<>();
    for (Use use : uses) {
      inputs
          .computeIfAbsent(use.runNo, _ -> new ArrayList<>())
          .add(
              new DatasetInputRow(
                  Objects.requireNonNull(datasets.get(use.datasetNo)),
                  tags.getOrDefault(use, List.of())));
    }
    return inputs;
  }

  /** The logged models that a run uses. */
  List<String> modelInputs(Pipeline queries, String ofRuns, Object runs) {
    return queries.query(
        "SELECT model_id FROM model_inputs WHERE run_no %s ORDER BY model_id".formatted(ofRuns),
        row -> row.string(1),
        runs);
  }

  /** The logged models that runs made. */
  List<Output> modelOutputs(Pipeline queries, String ofRuns, Object runs) {
    return queries.query(
        """
        SELECT run_no, model_id, step FROM model_outputs WHERE run_no %s
        ORDER BY run_no, step, model_id
        """
            .formatted(ofRuns),
        row -> new Output(row.longValue(1), new ModelOutputRow(row.string(2), row.longValue(3))),
        runs);
  }

  /** That a run uses a dataset. */
  record Use(long runNo, long datasetNo) {}

  /** That a run made a model. */
  record Output(long runNo, ModelOutputRow model) {}
}
