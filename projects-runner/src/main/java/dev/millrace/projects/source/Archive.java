package dev.millrace.projects.source;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An archive of a project: zip, tar or gzipped tar, whatever its name says. It may hold files and
 * folders only: what would be written elsewhere, is a link or a device, or is larger than the
 * limits, fails wholly.
 */
public final class Archive {

  private static final int MAGIC_BYTES = 512;

  private final Path file;
  private final Subdirectory subdirectory;
  private final SourceLimits limits;

  /**
   * @param subdirectory the project's folder in it; null for its root
   */
  public Archive(Path file, @Nullable String subdirectory, SourceLimits limits) {
    this.file = file;
    this.subdirectory = Subdirectory.parse("", subdirectory);
    this.limits = limits;
  }

  /**
   * Unpacks it.
   *
   * @param into an empty folder; what is in it after a failure is of no use
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no such archive; INTERNAL_ERROR if
   *     there is no room for it
   */
  public Fetched fetch(Path into) {
    Tree tree = new Tree("The archive's member", into, new Allowance("The project", limits));
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      byte[] magic = peek(in);
      if (isGzip(magic)) {
        try (InputStream plain = new BufferedInputStream(new GZIPInputStream(in, 1 << 16))) {
          if (!Tar.isTar(peek(plain))) {
            throw unknown();
          }
          Tar.unpack(plain, tree);
        }
      } else if (magic.length > 3 && magic[0] == 'P' && magic[1] == 'K') {
        Zip.unpack(file, tree);
      } else if (Tar.isTar(magic)) {
        Tar.unpack(in, tree);
      } else {
        throw unknown();
      }
    } catch (MalformedArchiveException e) {
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE, "The archive is damaged: " + e.getMessage(), e);
    } catch (StorageException e) {
      throw e.toMillrace();
    } catch (IOException e) {
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE, "The archive cannot be read or unpacked.", e);
    }
    return new Fetched(into, subdirectory.in(into), null, null, null);
  }

  private static byte[] peek(InputStream in) throws IOException {
    in.mark(MAGIC_BYTES);
    byte[] magic = in.readNBytes(MAGIC_BYTES);
    in.reset();
    return magic;
  }

  private static boolean isGzip(byte[] magic) {
    return magic.length > 1 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
  }

  private static MillraceException unknown() {
    return MillraceException.invalidParameter("The archive is neither a zip nor a tar file.");
  }
}
