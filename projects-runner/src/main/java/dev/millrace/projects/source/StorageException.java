package dev.millrace.projects.source;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was fetched cannot be written: this server's fault, not that of what was fetched. */
final class StorageException extends IOException {

  private static final long serialVersionUID = 1L;

  /** As Linux says it. */
  private static final Set<String> FULL = Set.of("No space left on device", "Disk quota exceeded");

  StorageException(IOException cause) {
    super("The files cannot be stored: " + reason(cause), cause);
  }

  /**
   * What a full disk did to somebody who does not tell it from other failures; null if it did not.
   */
  static @Nullable StorageException find(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException e && FULL.contains(reason(e))) {
        return new StorageException(e);
      }
    }
    return null;
  }

  MillraceException toMillrace() {
    return new MillraceException(
        ErrorCode.INTERNAL_ERROR, Objects.requireNonNull(getMessage()), this);
  }

  /** Without the path, which is this machine's. */
  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
