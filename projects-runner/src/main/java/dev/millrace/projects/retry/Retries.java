package dev.millrace.projects.retry;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.time.Duration;

/**
 * Tries again what fails because somebody is away for a moment, and tells of it. Whatever else goes
 * wrong is final at once.
 */
public final class Retries {

  /** Eight of them last for two minutes. */
  private static final Duration FIRST = Duration.ofSeconds(1);

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final int most;
  private final Duration first;
  private final Notes notes;

  /** Takes a line for the log of whom it is done for. */
  @FunctionalInterface
  public interface Notes {
    void add(String line) throws IOException;
  }

  /** Something that may be done again, also when it has been done by half. */
  @FunctionalInterface
  public interface Step<T> {
    T run() throws IOException, InterruptedException;
  }

  /**
   * @param most how often one step is tried again: with pauses of a second, of two, of four, and so
   *     on up to 30 seconds
   */
  public Retries(int most, Notes notes) {
    this(most, FIRST, notes);
  }

  /**
   * @param first how long the first pause is; for tests
   */
  public Retries(int most, Duration first, Notes notes) {
    this.most = most;
    this.first = first;
    this.notes = notes;
  }

  /**
   * Does something, and does it again as long as it fails with TEMPORARILY_UNAVAILABLE.
   *
   * @throws MillraceException as it failed the last time
   * @throws InterruptedException at once, also while it waits or if the step has failed for that
   */
  public <T> T call(Step<T> step) throws IOException, InterruptedException {
    Backoff pauses = new Backoff(first, LONGEST);
    for (int retry = 0; ; retry++) {
      try {
        return step.run();
      } catch (MillraceException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (e.code() != ErrorCode.TEMPORARILY_UNAVAILABLE || retry == most) {
          throw e;
        }
        Duration pause = pauses.next();
        notes.add(
            "[millrace: tried again in %s s: %s]"
                .formatted(pause.toMillis() / 1000.0, e.text().strip().replaceAll("\\s+", " ")));
        Thread.sleep(pause);
      }
    }
  }
}
