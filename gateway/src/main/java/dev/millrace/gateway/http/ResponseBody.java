package dev.millrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A response's head and body on their way out. Blocks while the client is slow; a body that fits
 * the first buffer goes out in one piece with its length.
 */
final class ResponseBody extends BodyOutput {

  private static final int FIRST_BYTES = 1 << 10;
  private static final int CHUNK_BYTES = 64 << 10;

  /** How much of a file the event loop sends before it is looked whether the rest is in memory. */
  private static final int REGION_BYTES = 1 << 20;

  /**
   * A page that took longer to read than this, in nanoseconds, came from a disk: one that is in
   * memory takes some thousand.
   */
  private static final long DISK_NANOS = 200_000;

  /** What a body's piece is sent through. */
  interface Outlet {

    /** Blocks until the client has taken enough; throws if it went away or stalls. */
    void awaitWritable() throws IOException;

    void send(Object message);

    /**
     * Sends bytes of a file, and blocks until they are out; throws if the client went away or
     * stalls.
     */
    void send(FileChannel file, long offset, long length) throws IOException;

    ByteBuf buffer(int initial, int most);
  }

  private final Outlet outlet;
  private final HttpResponseStatus status;
  private final HttpHeaders headers;
  private final long declared;
  private final boolean bodiless;
  private final boolean chunkable;

  private @Nullable ByteBuf buffer;
  private boolean headSent;
  private long written;

  /**
   * @param declared bytes, or -1
   * @param bodiless whether the body stays here (HEAD, 204, 304)
   * @param chunkable whether the client understands chunks; else the end of the connection ends an
   *     undeclared body
   */
  ResponseBody(
      Outlet outlet,
      HttpResponseStatus status,
      HttpHeaders headers,
      long declared,
      boolean bodiless,
      boolean chunkable) {
    this.outlet = outlet;
    this.status = status;
    this.headers = headers;
    this.declared = declared;
    this.bodiless = bodiless;
    this.chunkable = chunkable;
  }

  /** Whether it is too late to answer something else. */
  boolean isHeadSent() {
    return headSent;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    count(length);
    if (bodiless) {
      return;
    }
    int from = offset;
    int left = length;
    while (left > 0) {
      ByteBuf open = buffer();
      int count = Math.min(left, CHUNK_BYTES - open.readableBytes());
      open.writeBytes(source, from, count);
      from += count;
      left -= count;
      if (open.readableBytes() == CHUNK_BYTES) {
        sendBuffer();
      }
    }
  }

  /**
   * What is in memory goes from the kernel's cache to its sockets. The rest is read here: the event
   * loop, which all connections share, must not wait for a disk.
   */
  @Override
  public void send(FileChannel file, long offset, long length) throws IOException {
    count(length);
    if (bodiless) {
      return;
    }
    long end = offset + length;
    for (long at = offset; at < end; at += REGION_BYTES) {
      int region = (int) Math.min(REGION_BYTES, end - at);
      if (region > CHUNK_BYTES && declared >= 0 && isInMemory(file, at + region - 1)) {
        sendBuffer();
        outlet.send(file, at, region);
      } else {
        copy(file, at, region);
      }
    }
  }

  private void copy(FileChannel file, long offset, int length) throws IOException {
    int copied = 0;
    while (copied < length) {
      ByteBuf open = buffer();
      int count = Math.min(length - copied, CHUNK_BYTES - open.readableBytes());
      int read = open.writeBytes(file, offset + copied, count);
      if (read < 0) {
        throw new EOFException("The file is shorter than it was");
      }
      copied += read;
      if (open.readableBytes() == CHUNK_BYTES) {
        sendBuffer();
      }
    }
  }

  private static boolean isInMemory(FileChannel file, long position) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    long began = System.nanoTime();
    file.read(one, position);
    return System.nanoTime() - began < DISK_NANOS;
  }

  private void count(long length) throws IOException {
    written += length;
    if (declared >= 0 && written > declared) {
      throw new IOException("The body is longer than the %d bytes declared".formatted(declared));
    }
  }

  private ByteBuf buffer() {
    if (buffer == null) {
      buffer = outlet.buffer(headSent ? CHUNK_BYTES : FIRST_BYTES, CHUNK_BYTES);
    }
    return buffer;
  }

  /** Sends what is left and ends the message. */
  void finish() throws IOException {
    if (declared >= 0 && written < declared && !bodiless) {
      throw new IOException("The body ended after %d of %d bytes".formatted(written, declared));
    }
    ByteBuf rest = buffer;
    buffer = null;
    if (headSent) {
      outlet.send(
          rest == null ? LastHttpContent.EMPTY_LAST_CONTENT : new DefaultLastHttpContent(rest));
      return;
    }
    headSent = true;
    if (carriesLength()) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, declared >= 0 ? declared : written);
    }
    outlet.send(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            rest == null ? Unpooled.EMPTY_BUFFER : rest,
            headers,
            EmptyHttpHeaders.INSTANCE));
  }

  /** Gives back what was not sent. */
  void release() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  /** Sends the head if it is still here, and what is buffered. */
  private void sendBuffer() throws IOException {
    outlet.awaitWritable();
    if (!headSent) {
      headSent = true;
      if (declared >= 0) {
        headers.set(HttpHeaderNames.CONTENT_LENGTH, declared);
      } else if (chunkable) {
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
      outlet.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers));
    }
    ByteBuf open = buffer;
    if (open != null) {
      buffer = null;
      outlet.send(new DefaultHttpContent(open));
    }
  }

  /** 1xx, 204 and 304 have no length. */
  private boolean carriesLength() {
    return status.code() >= 200 && status.code() != 204 && status.code() != 304;
  }
}
