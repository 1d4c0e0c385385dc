package dev.millrace.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The operating system's resolver, which knows no time limit, with one, and with a limit of how
 * many ask it at once: those of mlflow 3.17.2 {@code utils/validation.py}.
 */
final class SystemResolver implements HostResolver {

  private static final long SECONDS = 5;
  private static final Semaphore SLOTS = new Semaphore(8);

  @Override
  public List<InetAddress> resolve(String host) throws UnknownHostException {
    try {
      if (!SLOTS.tryAcquire(SECONDS, TimeUnit.SECONDS)) {
        throw new UnknownHostException("too many host names are being looked up");
      }
      Callable<List<InetAddress>> look = () -> List.of(InetAddress.getAllByName(host));
      FutureTask<List<InetAddress>> task =
          new FutureTask<>(
              () -> {
                try {
                  return look.call();
                } finally {
                  SLOTS.release();
                }
              });
      // A look-up cannot be interrupted: one that hangs keeps its slot, and its thread.
      Thread.ofPlatform().daemon().name("webhook-host").start(task);
      return task.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new UnknownHostException("no answer within %d seconds".formatted(SECONDS));
    } catch (ExecutionException | CancellationException e) {
      // As C libraries say it, and MLflow repeats it.
      throw new UnknownHostException("[Errno -2] Name or service not known");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }
}
