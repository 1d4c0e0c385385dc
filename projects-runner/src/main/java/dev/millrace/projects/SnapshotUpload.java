package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A snapshot that grows beside its place, and is moved there when it is whole and the right one.
 */
final class SnapshotUpload implements AutoCloseable {

  private final Path file;
  private final String sha256;
  private final long maxBytes;
  private final Path partial;
  private final FileChannel channel;
  private final MessageDigest digest;
  private long written;

  SnapshotUpload(Path file, String sha256, long maxBytes) throws IOException {
    this.file = file;
    this.sha256 = sha256;
    this.maxBytes = maxBytes;
    this.partial = file.resolveSibling("." + sha256 + "." + UUID.randomUUID());
    this.digest = sha256();
    this.channel =
        FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Takes more bytes.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it becomes too large
   */
  void write(ByteBuffer bytes) throws IOException {
    written += bytes.remaining();
    if (written > maxBytes) {
      throw Snapshots.tooLarge(maxBytes);
    }
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Puts it in its place; it is on disk when this returns.
   *
   * @return its size in bytes
   * @throws MillraceException INVALID_PARAMETER_VALUE if these are not the bytes of its name
   */
  long commit() throws IOException {
    String actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equals(sha256)) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'sha256' supplied: the digest of the %d bytes received is %s."
              .formatted(written, actual));
    }
    channel.force(true);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return written;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(partial);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
