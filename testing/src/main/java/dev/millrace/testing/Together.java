package dev.millrace.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Runs things at the same time. */
public final class Together {

  private Together() {}

  /**
   * Calls {@code action} with 0 to {@code count - 1}, each on a thread of its own, all from one
   * start; fails if one of them fails.
   */
  public static void run(int count, IntConsumer action) {
    CountDownLatch start = new CountDownLatch(count);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        calls.add(
            executor.submit(
                () -> {
                  start.countDown();
                  start.await();
                  action.accept(number);
                  return null;
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("A call failed", e);
    }
  }
}
