package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.GroupCommit;
import dev.millrace.platform.sql.GroupCommit.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes batches, to one run or to different ones, in transactions that they share. */
final class BatchWriter implements AutoCloseable {

  /** When a transaction takes no further batch, in points, params and tags. */
  private static final int MAX_SIZE = 5_000;

  private final Database database;
  private final Keys keys;
  private final BatchStore store;
  private final GroupCommit<Batch, Boolean> group;

  BatchWriter(Database database, Keys keys, BatchStore store) {
    this.database = database;
    this.keys = keys;
    this.store = store;
    this.group = new GroupCommit<>("batch-writer", Batch::size, MAX_SIZE, this::write);
  }

  /**
   * Writes a batch: it is stored when this returns, and nothing of it is if this throws.
   *
   * @throws MillraceException what {@link BatchStore#write} refuses it for; RESOURCE_EXHAUSTED if
   *     too many wait already
   */
  void write(Batch batch) {
    group.write(batch);
  }

  /** Stops; no caller may be waiting any more. */
  @Override
  public void close() {
    group.close();
  }

  private List<Outcome<Boolean>> write(List<Batch> batches) {
    Map<String, Integer> keyIds = keys.ensure(keysOf(batches));
    return database.transaction(tx -> store.write(tx, batches, keyIds));
  }

  private static Set<String> keysOf(List<Batch> batches) {
    Set<String> names = new HashSet<>();
    for (Batch batch : batches) {
      batch.metrics().forEach(metric -> names.add(metric.key()));
      names.addAll(batch.params().keySet());
      names.addAll(batch.tags().keySet());
    }
    return names;
  }
}
