package dev.millrace.gateway.transcode;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the JSON bodies of all requests may take at a time. A body that finds no room is
 * told to come back, so that many large ones slow each other down instead of ending the server; one
 * that is alone always has room.
 */
public final class BodyMemory {

  /** What a body becomes takes far more room than its text, {@code [{},{},…]} the most. */
  private static final int PART_OF_HEAP = 32;

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param most bytes; 0 for a thirty-second part of the largest heap
   */
  public BodyMemory(long most) {
    if (most < 0) {
      throw new IllegalArgumentException(
          "millrace.gateway.max-bodies-bytes must not be negative: " + most);
    }
    this.most = most == 0 ? Runtime.getRuntime().maxMemory() / PART_OF_HEAP : most;
  }

  /** Bytes that requests have of it now. */
  public long taken() {
    return taken.get();
  }

  /** For one request; closed when its body and what was made of it are no longer used. */
  public Share share() {
    return new Share();
  }

  /** What one request has of it; for one thread. */
  public final class Share implements AutoCloseable {

    private long own;

    private Share() {}

    /**
     * Takes more.
     *
     * @throws MillraceException RESOURCE_EXHAUSTED if there is no room beside others
     */
    void take(long bytes) {
      own += bytes;
      long all = taken.addAndGet(bytes);
      if (all > most && all > own) {
        throw new MillraceException(
            ErrorCode.RESOURCE_EXHAUSTED,
            "Too many large requests at a time; try again later, or with smaller ones");
      }
    }

    @Override
    public void close() {
      if (own > 0) {
        taken.addAndGet(-own);
        own = 0;
      }
    }
  }
}
