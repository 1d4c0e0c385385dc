package dev.millrace.projects.retry;

import java.time.Duration;

/** The pauses between tries of one thing: each twice as long as the one before, up to a limit. */
public final class Backoff {

  private final Duration longest;
  private Duration next;

  /**
   * @param first pause
   * @param longest pause
   */
  public Backoff(Duration first, Duration longest) {
    this.next = first;
    this.longest = longest;
  }

  /** How long to wait now. */
  public Duration next() {
    Duration pause = next;
    Duration doubled = pause.multipliedBy(2);
    next = doubled.compareTo(longest) < 0 ? doubled : longest;
    return pause;
  }
}
