package dev.millrace.gateway.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** The body of a request: a stream that also shows its bytes where they are, without a copy. */
public abstract class BodyInput extends InputStream {

  /**
   * Gives what is left of the body to {@code sink}, piece by piece, until that returns false. A
   * piece's memory is used for the next one as soon as the sink has returned.
   *
   * @throws IOException as reading does
   */
  public abstract void sendTo(Predicate<ByteBuffer> sink) throws IOException;
}
