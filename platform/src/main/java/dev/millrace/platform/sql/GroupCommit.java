package dev.millrace.platform.sql;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.ToIntFunction;

/**
 * Writes what comes at the same time in one transaction: what a commit costs is paid once for all
 * of it. Each caller gets its own outcome, after the commit.
 *
 * @param <T> what is written
 * @param <R> what its writer learns
 */
public final class GroupCommit<T, R> implements AutoCloseable {

  /** Items that may wait; beyond that callers are told to come back later. */
  private static final int MAX_WAITING = 10_000;

  /** Transactions under way at a time: while one waits for the disk, the next can work. */
  private static final int WRITERS = 2;

  private final Work<T, R> work;
  private final ToIntFunction<? super T> size;
  private final int maxSize;
  private final BlockingQueue<Waiting<T, R>> queue = new ArrayBlockingQueue<>(MAX_WAITING);
  private final List<Thread> writers = new ArrayList<>();

  /** Writes a group. */
  @FunctionalInterface
  public interface Work<T, R> {

    /**
     * Writes all items in one transaction, but for those it refuses.
     *
     * @return an outcome for each item
     */
    List<Outcome<R>> write(List<T> items);
  }

  /** What became of an item. */
  public sealed interface Outcome<R> {

    /** It is stored, once the transaction is. */
    record Written<R>(R result) implements Outcome<R> {}

    /** Nothing of it is stored. */
    record Refused<R>(MillraceException reason) implements Outcome<R> {}
  }

  private record Waiting<T, R>(T item, CompletableFuture<R> written) {}

  /**
   * Starts.
   *
   * @param name of the threads
   * @param size of an item
   * @param maxSize when a group takes no further item
   */
  public GroupCommit(String name, ToIntFunction<? super T> size, int maxSize, Work<T, R> work) {
    this.work = work;
    this.size = size;
    this.maxSize = maxSize;
    for (int i = 0; i < WRITERS; i++) {
      writers.add(Thread.ofVirtual().name(name + "-" + i).start(this::run));
    }
  }

  /**
   * Writes an item: it is stored when this returns, and nothing of it is if this throws.
   *
   * @throws MillraceException what it is refused for; RESOURCE_EXHAUSTED if too many wait already
   */
  public R write(T item) {
    Waiting<T, R> waiting = new Waiting<>(item, new CompletableFuture<>());
    if (!queue.offer(waiting)) {
      throw new MillraceException(
          ErrorCode.RESOURCE_EXHAUSTED, "Too many requests are waiting to be written");
    }
    try {
      return waiting.written.join();
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
    List<Waiting<T, R>> group = new ArrayList<>();
    try {
      while (true) {
        Waiting<T, R> next = queue.take();
        int sum = 0;
        while (next != null) {
          group.add(next);
          sum += size.applyAsInt(next.item);
          next = sum < maxSize ? queue.poll() : null;
        }
        write(group);
        group.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<Waiting<T, R>> group) {
    try {
      List<Outcome<R>> outcomes = work.write(group.stream().map(Waiting::item).toList());
      for (int i = 0; i < group.size(); i++) {
        CompletableFuture<R> written = group.get(i).written;
        switch (outcomes.get(i)) {
          case Outcome.Written<R>(R result) -> written.complete(result);
          case Outcome.Refused<R>(MillraceException reason) ->
              written.completeExceptionally(reason);
        }
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
}
