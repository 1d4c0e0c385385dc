package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Unpacks zip files. */
final class Zip {

  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 65_535;

  /** Java reads the directory into memory: about half a million names of usual length. */
  private static final long MAX_DIRECTORY_BYTES = 64L << 20;

  private Zip() {}

  static void unpack(Path file, Tree tree) throws IOException {
    checkDirectory(file);
    // The directory at the file's end counts: local headers may say something else.
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.isDirectory()) {
          tree.addFolder(entry.getName());
          continue;
        }
        // Java does not tell what a zip says of modes: links come as small files, programs as data.
        try (InputStream content = zip.getInputStream(entry)) {
          tree.addFile(entry.getName(), new Damage(content, entry.getCrc()), false);
        }
      }
    } catch (ZipException e) {
      throw new MalformedArchiveException(String.valueOf(e.getMessage()));
    }
  }

  /** The record at the file's end says how large its directory is. */
  private static void checkDirectory(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long start = Math.max(0, channel.size() - END_BYTES - MAX_COMMENT_BYTES);
      ByteBuffer end =
          ByteBuffer.allocate((int) (channel.size() - start)).order(ByteOrder.LITTLE_ENDIAN);
      while (end.hasRemaining() && channel.read(end, start + end.position()) >= 0) {}
      for (int at = end.position() - END_BYTES; at >= 0; at--) {
        // In files of 4 GiB and more the size stands elsewhere, and this one is the largest.
        if (end.getInt(at) == 0x06054b50
            && Integer.toUnsignedLong(end.getInt(at + 12)) > MAX_DIRECTORY_BYTES) {
          throw MillraceException.invalidParameter(
              "The archive's directory is larger than %d bytes.".formatted(MAX_DIRECTORY_BYTES));
        }
      }
    }
  }

  /** Tells damage from failures to write. */
  private static final class Damage extends FilterInputStream {

    private final CRC32 checksum = new CRC32();
    private final long wanted;

    Damage(InputStream in, long wanted) {
      super(in);
      this.wanted = wanted;
    }

    @Override
    public int read(byte[] buffer, int start, int length) throws IOException {
      int count;
      try {
        count = super.read(buffer, start, length);
      } catch (IOException e) {
        throw new MalformedArchiveException(String.valueOf(e.getMessage()));
      }
      if (count > 0) {
        checksum.update(buffer, start, count);
      } else if (count < 0 && checksum.getValue() != wanted) {
        throw new MalformedArchiveException("a checksum is wrong");
      }
      return count;
    }
  }
}
