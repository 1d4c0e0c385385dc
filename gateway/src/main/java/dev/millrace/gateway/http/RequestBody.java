package dev.millrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A request's body between the event loop, which brings it, and the virtual thread, which reads it.
 * The event loop is asked for one piece at a time and one ahead, so this never holds more than two.
 */
final class RequestBody extends BodyInput {

  /** What a body asks of its connection. */
  interface Source {

    /** Asks for one more piece, which {@link #arrive} is called with. */
    void demand();

    /** Tells the client that its body is wanted. */
    void sendContinue();
  }

  private final Source source;
  private final long declared;
  private final long stallMillis;
  private final Queue<HttpContent> arrived = new ArrayDeque<>();

  private @Nullable IOException failure;
  private boolean closed;

  // Of the reading thread alone.
  private boolean continueExpected;
  private boolean ended;
  private long taken;
  private ByteBuf current = Unpooled.EMPTY_BUFFER;

  /**
   * @param declared bytes, or -1
   * @param continueExpected whether the client waits for a 100 before it sends the body
   * @param stallMillis how long to wait for the next piece
   */
  RequestBody(Source source, long declared, boolean continueExpected, long stallMillis) {
    this.source = source;
    this.declared = declared;
    this.continueExpected = continueExpected;
    this.stallMillis = stallMillis;
  }

  /** Called by the event loop with the next piece, which this now owns. */
  synchronized void arrive(HttpContent piece) {
    if (closed) {
      piece.release();
      return;
    }
    if (piece.decoderResult().isFailure()) {
      piece.release();
      fail(new IOException("The request body is malformed", piece.decoderResult().cause()));
      return;
    }
    arrived.add(piece);
    notifyAll();
  }

  /** Called by the event loop when no more can come. */
  synchronized void fail(IOException cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  @Override
  public int read() throws IOException {
    return fill() ? current.readUnsignedByte() : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, current.readableBytes());
    current.readBytes(target, offset, count);
    return count;
  }

  @Override
  public void sendTo(Predicate<ByteBuffer> sink) throws IOException {
    while (fill()) {
      for (ByteBuffer piece : current.nioBuffers()) {
        int length = piece.remaining();
        if (!sink.test(piece)) {
          return;
        }
        current.skipBytes(length);
      }
    }
  }

  @Override
  public int available() {
    return current.readableBytes();
  }

  /**
   * Whether what is left can be thrown away for less than the price of a new connection.
   *
   * @param limit bytes
   */
  boolean isNearlyRead(long limit) throws IOException {
    if (continueExpected) {
      return false;
    }
    if (!ended && declared < 0) {
      // A chunked body that was read to its last byte still has its end to come.
      return false;
    }
    return ended || declared - taken <= limit;
  }

  /** Reads and drops up to {@code limit} bytes; true if that was the rest of the body. */
  boolean drain(long limit) throws IOException {
    long end = taken + limit;
    continueExpected = false;
    current.skipBytes(current.readableBytes());
    while (taken <= end) {
      if (!fill()) {
        return true;
      }
      current.skipBytes(current.readableBytes());
    }
    return false;
  }

  /** Gives back what was not read. The event loop's pieces are dropped from now on. */
  void release() {
    current.release();
    current = Unpooled.EMPTY_BUFFER;
    ended = true;
    synchronized (this) {
      closed = true;
      arrived.forEach(HttpContent::release);
      arrived.clear();
    }
  }

  private boolean fill() throws IOException {
    while (!current.isReadable()) {
      if (ended) {
        return false;
      }
      if (continueExpected) {
        continueExpected = false;
        source.sendContinue();
      }
      current.release();
      current = Unpooled.EMPTY_BUFFER;
      HttpContent piece = next();
      current = piece.content();
      taken += current.readableBytes();
      ended = piece instanceof LastHttpContent;
      if (!ended) {
        source.demand();
      }
    }
    return true;
  }

  private synchronized HttpContent next() throws IOException {
    long deadline = System.nanoTime() + stallMillis * 1_000_000;
    while (true) {
      HttpContent piece = arrived.poll();
      if (piece != null) {
        return piece;
      }
      if (failure != null) {
        throw new IOException(failure.getMessage(), failure);
      }
      if (closed) {
        throw new IOException("The request is over");
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new InterruptedIOException("The client stopped sending the request body");
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Interrupted while reading the request body");
      }
    }
  }
}
