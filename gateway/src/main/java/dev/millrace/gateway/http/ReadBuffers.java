package dev.millrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import java.util.function.IntSupplier;

/**
 * How much is read from a connection at once: little from a slow one, much from one that brings
 * much, and less of that where many are open, so that more uploads do not hold more memory.
 */
final class ReadBuffers extends AdaptiveRecvByteBufAllocator {

  /** The most bytes of one read. */
  static final int MOST_BYTES = 256 << 10;

  private static final int LEAST_BYTES = 512;
  private static final int FIRST_BYTES = 4 << 10;

  /** A connection may bring this much, in bytes, whatever the number of others. */
  private static final int SMALL_BYTES = 8 << 10;

  /** What all connections may hold together, in bytes, unless there are thousands. */
  private static final int TOTAL_BYTES = 64 << 20;

  /** Reads that a connection holds: one in work, one that waits, one that comes in. */
  private static final int HELD = 3;

  private final IntSupplier connections;

  /**
   * @param connections how many there are now
   */
  @SuppressWarnings("deprecation") // The option has no other way to say it.
  ReadBuffers(IntSupplier connections) {
    super(LEAST_BYTES, FIRST_BYTES, MOST_BYTES);
    this.connections = connections;
    // Netty would read 16 buffers a turn, and each connection would hold that much.
    maxMessagesPerRead(1);
  }

  /** The most bytes of a read while there are {@code connections}. */
  static int share(int connections) {
    return Math.clamp(TOTAL_BYTES / HELD / Math.max(connections, 1), SMALL_BYTES, MOST_BYTES);
  }

  @Override
  @SuppressWarnings("deprecation") // As above.
  public Handle newHandle() {
    return new DelegatingHandle(super.newHandle()) {
      @Override
      public ByteBuf allocate(ByteBufAllocator memory) {
        return memory.ioBuffer(guess());
      }

      @Override
      public int guess() {
        return Math.min(super.guess(), share(connections.getAsInt()));
      }
    };
  }
}
