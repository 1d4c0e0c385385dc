package dev.millrace.tracking;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Writes batches to the database. Batches that come at the same time, to the same run or to
 * different ones, share a transaction: what a commit costs is paid once for all of them. Each
 * caller gets its own outcome, after the commit.
 */
final class BatchWriter implements AutoCloseable {

  /** Batches that may wait; beyond that callers are told to come back later. */
  private static final int MAX_WAITING = 10_000;

  /** When a transaction takes no further batch, in points, params and tags. */
  private static final int MAX_SIZE = 5_000;

  /** Transactions under way at a time: while one waits for the disk, the next can work. */
  private static final int WRITERS = 2;

  private final Database database;
  private final Keys keys;
  private final BatchStore store;
  private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(MAX_WAITING);
  private final List<Thread> writers = new ArrayList<>();

  private record Waiting(Batch batch, CompletableFuture<Boolean> written) {}

  BatchWriter(Database database, Keys keys, BatchStore store) {
    this.database = database;
    this.keys = keys;
    this.store = store;
    for (int i = 0; i < WRITERS; i++) {
      writers.add(Thread.ofVirtual().name("batch-writer-" + i).start(this::run));
    }
  }

  /**
   * Writes a batch: it is stored when this returns, and nothing of it is if this throws.
   *
   * @throws MillraceException what {@link BatchStore#write} refuses it for; RESOURCE_EXHAUSTED if
   *     too many wait already
   */
  void write(Batch batch) {
    Waiting waiting = new Waiting(batch, new CompletableFuture<>());
    if (!queue.offer(waiting)) {
      throw new MillraceException(
          ErrorCode.RESOURCE_EXHAUSTED, "Too many requests are waiting to be written");
    }
    try {
      waiting.written.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof MillraceException refusal ? refusal : e;
    }
  }

  /** Stops; no caller may be waiting any more. */
  @Override
  public void close() {
    writers.forEach(Thread::interrupt);
  }

  private void run() {
    List<Waiting> group = new ArrayList<>();
    try {
      while (true) {
        Waiting next = queue.take();
        int size = 0;
        while (next != null) {
          group.add(next);
          size += next.batch.size();
          next = size < MAX_SIZE ? queue.poll() : null;
        }
        write(group);
        group.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<Waiting> group) {
    List<Batch> batches = group.stream().map(Waiting::batch).toList();
    try {
      Map<String, Integer> keyIds = keys.ensure(keysOf(batches));
      List<Optional<MillraceException>> refusals =
          database.transaction(tx -> store.write(tx, batches, keyIds));
      for (int i = 0; i < group.size(); i++) {
        CompletableFuture<Boolean> written = group.get(i).written;
        refusals
            .get(i)
            .ifPresentOrElse(written::completeExceptionally, () -> written.complete(true));
      }
    } catch (RuntimeException e) {
      boolean unavailable =
          e instanceof MillraceException m && m.code() == ErrorCode.TEMPORARILY_UNAVAILABLE;
      if (group.size() == 1 || unavailable) {
        group.forEach(waiting -> waiting.written.completeExceptionally(e));
      } else {
        // One of them is bad: it alone has to fail.
        group.forEach(waiting -> write(List.of(waiting)));
      }
    }
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
