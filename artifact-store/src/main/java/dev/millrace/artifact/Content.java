package dev.millrace.artifact;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.platform.grpc.FileSlice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** The bytes of a file, or of a range of it, on their way out. */
final class Content implements AutoCloseable {

  /** The most bytes in one message. */
  static final int CHUNK_BYTES = 128 << 10;

  private final StoredFile file;
  private final long offset;
  private final long length;
  private final InputStream bytes;
  private final @Nullable FileChannel channel;
  private long remaining;

  /**
   * @param bytes starts at {@code offset}; closed with this
   */
  Content(StoredFile file, long offset, long length, InputStream bytes) {
    this(file, offset, length, bytes, null);
  }

  /** The same of a file on disk, closed with this; it stands at {@code offset}. */
  Content(StoredFile file, long offset, long length, FileChannel channel) {
    this(file, offset, length, Channels.newInputStream(channel), channel);
  }

  private Content(
      StoredFile file, long offset, long length, InputStream bytes, @Nullable FileChannel channel) {
    this.file = file;
    this.offset = offset;
    this.length = length;
    this.bytes = bytes;
    this.channel = channel;
    this.remaining = length;
  }

  /** The open file itself, if it is one; closing it closes this. */
  @Nullable FileSlice asSlice() {
    return channel == null ? null : new FileSlice(channel, offset, length);
  }

  StoredFile file() {
    return file;
  }

  long offset() {
    return offset;
  }

  long length() {
    return length;
  }

  /**
   * The next bytes, or null at the end.
   *
   * @throws IOException also if the store ends before {@link #length} bytes
   */
  @Nullable ByteString next() throws IOException {
    if (remaining == 0) {
      return null;
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, remaining)];
    int read = bytes.readNBytes(chunk, 0, chunk.length);
    if (read < chunk.length) {
      throw new IOException("ended %d bytes early".formatted(remaining - read));
    }
    remaining -= read;
    return UnsafeByteOperations.unsafeWrap(chunk);
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }
}
