package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failure of the file system means to a caller. */
final class DiskErrors {

  private static final Logger log = LoggerFactory.getLogger(DiskErrors.class);

  private DiskErrors() {}

  static MillraceException occupied(ArtifactPath path) {
    return MillraceException.invalidParameter(
        "Cannot store artifact '%s': there is a directory of that name".formatted(path.text()));
  }

  /** What a path's spelling makes impossible is the caller's error, not the store's. */
  static MillraceException refused(ArtifactPath path, IOException e) {
    if (e instanceof FileAlreadyExistsException || reason(e).equals("Not a directory")) {
      return MillraceException.invalidParameter(
          "Cannot store artifact '%s': a part of its path is a file".formatted(path.text()));
    }
    if (reason(e).equals("Is a directory")) {
      return occupied(path);
    }
    if (reason(e).equals("File name too long")) {
      return MillraceException.invalidParameter(
          "Cannot store artifact '%s': the name is too long".formatted(path.text()));
    }
    return failed("store", path, e);
  }

  /** Whether there can be no file at the path that led to {@code e}. */
  static boolean cannotExist(IOException e) {
    return e instanceof NoSuchFileException
        || reason(e).equals("Not a directory")
        || reason(e).equals("File name too long");
  }

  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  static MillraceException failed(String verb, ArtifactPath path, IOException e) {
    log.warn("Cannot {} {}", verb, path.key(), e);
    return new MillraceException(
        ErrorCode.INTERNAL_ERROR,
        "Cannot %s artifact '%s': %s".formatted(verb, path.text(), reason(e)),
        e);
  }
}
