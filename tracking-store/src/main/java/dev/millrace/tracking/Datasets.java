package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import java.util.List;

/** The rules of datasets. */
final class Datasets {

  /** The most experiments of one search (mlflow 3.17.2 {@code handlers.py}). */
  private static final int MAX_EXPERIMENTS = 20;

  /** The most summaries of one search (mlflow 3.17.2 {@code sqlalchemy_store.py}). */
  private static final int MAX_SUMMARIES = 1000;

  private final Database database;
  private final DatasetStore store;

  Datasets(Database database, DatasetStore store) {
    this.database = database;
    this.store = store;
  }

  /**
   * What datasets of experiments were used for.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if {@code experimentIds} are none, too many
   *     or no integers
   */
  List<DatasetSummaryRow> search(List<String> experimentIds) {
    if (experimentIds.isEmpty()) {
      throw MillraceException.invalidParameter(
          "SearchDatasets request must specify at least one experiment_id.");
    }
    if (experimentIds.size() > MAX_EXPERIMENTS) {
      throw MillraceException.invalidParameter(
          ("SearchDatasets request cannot specify more than %d experiment_ids."
                  + " Received %d experiment_ids.")
              .formatted(MAX_EXPERIMENTS, experimentIds.size()));
    }
    List<Long> ids = experimentIds.stream().map(Experiments::parseId).toList();
    return database.read(tx -> store.summaries(tx, ids, MAX_SUMMARIES));
  }
}
