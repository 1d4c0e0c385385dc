package dev.millrace.gateway.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;

/** The body of a response: a stream that also takes files, which need not pass through here. */
public abstract class BodyOutput extends OutputStream {

  /**
   * Sends bytes of a file, after what was written before. Returns when the network has taken them.
   *
   * @param file stays open; where it stands does not matter
   * @param offset of the first byte
   * @param length in bytes
   * @throws IOException if the client went away or stalled, or the file ends before that
   */
  public abstract void send(FileChannel file, long offset, long length) throws IOException;
}
