package dev.millrace.projects.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The log of an attempt, which grows. */
record LogFile(Path path) {

  /** Adds a line. */
  void add(String line) throws IOException {
    Files.writeString(
        path,
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /**
   * A piece of it.
   *
   * @param offset in bytes; beyond the end, the piece is empty
   * @param maxBytes at least 4
   */
  LogChunk read(long offset, int maxBytes) throws IOException {
    byte[] bytes;
    int count;
    try (SeekableByteChannel channel = Files.newByteChannel(path)) {
      long size = channel.size();
      if (offset >= size) {
        return new LogChunk("", size);
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(maxBytes, size - offset));
      channel.position(offset);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // Until it is full, or the log was cut meanwhile.
      }
      bytes = buffer.array();
      count = buffer.position();
    } catch (NoSuchFileException e) {
      return new LogChunk("", 0);
    }
    int whole = withoutPartialCharacter(bytes, count);
    return new LogChunk(new String(bytes, 0, whole, StandardCharsets.UTF_8), offset + whole);
  }

  /** How many bytes there are before a character whose end is missing. */
  private static int withoutPartialCharacter(byte[] bytes, int count) {
    for (int back = 1; back <= Math.min(3, count); back++) {
      int value = bytes[count - back] & 0xff;
      if ((value & 0xc0) == 0x80) {
        continue;
      }
      int length = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : value >= 0xc0 ? 2 : 1;
      return length > back && count > back ? count - back : count;
    }
    return count;
  }
}
