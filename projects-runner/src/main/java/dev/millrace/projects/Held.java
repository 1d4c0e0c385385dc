package dev.millrace.projects;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A job that this process has in hand, between those that watch it and those that bring news. */
final class Held {

  private volatile JobRow job;
  private boolean isCancelled;
  private boolean isLost;
  private boolean isInterruptible;
  private final Thread thread;
  private final Semaphore news = new Semaphore(0);

  /**
   * @param thread works on the job
   */
  Held(JobRow job, Thread thread) {
    this.job = job;
    this.thread = thread;
    this.isCancelled = job.isCancelled();
  }

  JobRow job() {
    return job;
  }

  /** The job has gone on, in the same hands. */
  void advance(JobRow now) {
    job = now;
  }

  /** A user wants it cancelled. */
  synchronized void cancel() {
    isCancelled = true;
    tell();
  }

  /** Somebody else has it now. */
  synchronized void lose() {
    isLost = true;
    tell();
  }

  synchronized boolean isCancelled() {
    return isCancelled;
  }

  synchronized boolean isLost() {
    return isLost;
  }

  /**
   * From now on news interrupt the thread: it does what may take long, and nothing with a database,
   * whose files an interrupt can close.
   *
   * @throws InterruptedException if there are news already
   */
  synchronized void beginInterruptible() throws InterruptedException {
    if (isCancelled || isLost) {
      throw new InterruptedException();
    }
    isInterruptible = true;
  }

  /** From now on it is left alone again. */
  synchronized void endInterruptible() {
    isInterruptible = false;
    boolean _ = Thread.interrupted();
  }

  /** Stops what may take long, without other news: this process is stopping. */
  synchronized void interrupt() {
    tell();
  }

  /** Waits for news, at most so long. */
  void await(long millis) throws InterruptedException {
    if (news.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
      news.drainPermits();
    }
  }

  private void tell() {
    news.release();
    if (isInterruptible) {
      thread.interrupt();
    }
  }
}
