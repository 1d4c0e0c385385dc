package dev.millrace.projects;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Archives of project folders, each in a file named by the SHA-256 of its bytes: what is there is
 * whole and never changes. The folder is made when the first one comes.
 */
final class Snapshots {

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private final Path folder;
  private final long maxBytes;
  private final boolean isOn;

  /**
   * @param maxBytes the largest snapshot taken
   * @param isOn whether snapshots are taken at all
   */
  Snapshots(Path folder, long maxBytes, boolean isOn) {
    this.folder = folder.toAbsolutePath().normalize();
    this.maxBytes = maxBytes;
    this.isOn = isOn;
  }

  /**
   * Begins to take a snapshot.
   *
   * @param size in bytes if known, else -1
   * @throws MillraceException INVALID_PARAMETER_VALUE for a malformed digest or too large a size
   */
  SnapshotUpload upload(String sha256, long size) throws IOException {
    requireOn(isOn);
    Path file = file(sha256);
    if (size > maxBytes) {
      throw tooLarge(maxBytes);
    }
    Files.createDirectories(file.getParent());
    return new SnapshotUpload(file, sha256, maxBytes);
  }

  /**
   * How many bytes a snapshot has.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  long size(String sha256) {
    try {
      return Files.size(file(sha256));
    } catch (NoSuchFileException e) {
      throw MillraceException.notFound("Snapshot '%s' does not exist.".formatted(sha256));
    } catch (IOException e) {
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "The snapshot cannot be read", e);
    }
  }

  /** The file of a snapshot, whether it is there or not. */
  Path file(String sha256) {
    if (!SHA_256.matcher(sha256).matches()) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'sha256' supplied: it must be 64 hexadecimal digits in lower"
              + " case.");
    }
    return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  /** Nothing is taken where nothing would run it. */
  static void requireOn(boolean isOn) {
    if (!isOn) {
      throw new MillraceException(
          ErrorCode.NOT_IMPLEMENTED,
          "Projects are switched off on this server; its option '--projects local' switches them"
              + " on.");
    }
  }

  static MillraceException tooLarge(long maxBytes) {
    return MillraceException.invalidParameter(
        "The snapshot is too large: at most %d bytes are taken.".formatted(maxBytes));
  }
}
