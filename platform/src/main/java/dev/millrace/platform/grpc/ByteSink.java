package dev.millrace.platform.grpc;

import java.nio.ByteBuffer;

/**
 * Where a service takes the bytes of a call from a caller in its own process, handed over by {@link
 * Handover}.
 */
@FunctionalInterface
public interface ByteSink {

  /**
   * Takes all of {@code piece} before it returns; the memory is the caller's again then. Blocks
   * while the service is slow.
   *
   * @return whether more is wanted; if not, the end of the call says why
   */
  boolean write(ByteBuffer piece);
}
