package dev.millrace.platform.grpc;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * Bytes of an open file, for a caller in the service's own process, handed over by {@link
 * Handover}. They stay the same when the file is replaced or deleted. Who takes it closes it.
 *
 * @param offset of the first byte
 * @param length in bytes, all of which were there when the file was opened
 */
public record FileSlice(FileChannel file, long offset, long length) implements AutoCloseable {

  @Override
  public void close() throws IOException {
    file.close();
  }
}
