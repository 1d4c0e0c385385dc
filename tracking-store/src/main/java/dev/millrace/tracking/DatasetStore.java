package dev.millrace.tracking;

import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The tables {@code datasets} and {@code dataset_contexts}. */
final class DatasetStore {

  private static final Comparator<DatasetRow> ROW_ORDER =
      Comparator.comparing(DatasetRow::name).thenComparing(DatasetRow::digest);

  /**
   * The numbers of {@code datasets}, in their order, adding those that are new; at most three
   * statements. A dataset that exists stays as it is.
   *
   * @param datasets no two with the same name and digest
   */
  List<Long> ensure(Tx tx, long experimentId, List<DatasetRow> datasets) throws SQLException {
    Map<DatasetRow.Identity, Long> numbers = find(tx, experimentId, datasets);
    if (numbers.size() < datasets.size()) {
      List<DatasetRow> missing = new ArrayList<>(datasets);
      missing.removeIf(dataset -> numbers.containsKey(dataset.identity()));
      // One order for everybody: concurrent batches of new datasets cannot deadlock.
      missing.sort(ROW_ORDER);
      insert(tx, experimentId, missing);
      numbers.putAll(find(tx, experimentId, missing));
    }
    return datasets.stream()
        .map(dataset -> Objects.requireNonNull(numbers.get(dataset.identity())))
        .toList();
  }

  /** Notes what runs use datasets for; what is noted already stays. */
  void insertContexts(Tx tx, List<Long> datasetNos, List<String> contexts) throws SQLException {
    tx.update(
        """
        INSERT INTO dataset_contexts (dataset_no, context)
        SELECT dataset_no, context FROM UNNEST(?, ?) AS added(dataset_no, context)
        ON CONFLICT DO NOTHING
        """,
        datasetNos.toArray(Long[]::new),
        contexts.toArray(String[]::new));
  }

  /** What datasets of experiments were used for, at most {@code limit}. */
  List<DatasetSummaryRow> summaries(Tx tx, List<Long> experimentIds, int limit)
      throws SQLException {
    return tx.query(
        """
        SELECT dataset.experiment_id, dataset.name, dataset.digest, used.context
        FROM datasets dataset JOIN dataset_contexts used ON used.dataset_no = dataset.dataset_no
        WHERE dataset.experiment_id = ANY(?)
        ORDER BY dataset.experiment_id, dataset.name, dataset.digest, used.context
        LIMIT ?
        """,
        row -> new DatasetSummaryRow(row.longValue(1), row.string(2), row.string(3), row.string(4)),
        experimentIds.toArray(Long[]::new),
        limit);
  }

  private static Map<DatasetRow.Identity, Long> find(
      Tx tx, long experimentId, List<DatasetRow> datasets) throws SQLException {
    Map<DatasetRow.Identity, Long> numbers = new HashMap<>();
    tx.query(
        """
        SELECT dataset.name, dataset.digest, dataset.dataset_no
        FROM UNNEST(?, ?) AS wanted(name, digest)
        JOIN datasets dataset ON dataset.experiment_id = ? AND dataset.name = wanted.name
          AND dataset.digest = wanted.digest
        """,
        row -> numbers.put(new DatasetRow.Identity(row.string(1), row.string(2)), row.longValue(3)),
        column(datasets, DatasetRow::name),
        column(datasets, DatasetRow::digest),
        experimentId);
    return numbers;
  }

  private static void insert(Tx tx, long experimentId, List<DatasetRow> datasets)
      throws SQLException {
    tx.update(
        """
        INSERT INTO datasets (experiment_id, name, digest, source_type, source, schema, profile)
        SELECT ?, name, digest, source_type, source, schema, profile
        FROM UNNEST(?, ?, ?, ?, ?, ?) AS added(name, digest, source_type, source, schema, profile)
        ON CONFLICT DO NOTHING
        """,
        experimentId,
        column(datasets, DatasetRow::name),
        column(datasets, DatasetRow::digest),
        column(datasets, DatasetRow::sourceType),
        column(datasets, DatasetRow::source),
        column(datasets, DatasetRow::schema),
        column(datasets, DatasetRow::profile));
  }

  private static String[] column(List<DatasetRow> datasets, Function<DatasetRow, String> field) {
    return datasets.stream().map(field).toArray(String[]::new);
  }
}
