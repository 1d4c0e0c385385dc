package dev.millrace.projects;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at projects in folders that are gone afterwards; not at many at once, as they are large.
 */
final class Inspections {

  private static final Logger log = LoggerFactory.getLogger(Inspections.class);

  private static final int AT_ONCE = 4;
  private static final long WAIT_SECONDS = 20;

  private final CodeFolders folders;
  private final Inspector inspector;
  private final Semaphore room = new Semaphore(AT_ONCE, true);

  Inspections(CodeFolders folders, Inspector inspector) {
    this.folders = folders;
    this.inspector = inspector;
  }

  /**
   * Looks at a project.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if a job would fail for it;
   *     RESOURCE_EXHAUSTED if there is no room
   */
  Inspector.Inspection inspect(Submission submission) {
    try {
      if (!room.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new MillraceException(
            ErrorCode.RESOURCE_EXHAUSTED, "Too many projects are being looked at.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(ErrorCode.TEMPORARILY_UNAVAILABLE, "Interrupted", e);
    }
    String name = CodeFolders.newCheck();
    try {
      return inspector.inspect(submission, folders.make(name));
    } catch (IOException e) {
      throw new MillraceException(
          ErrorCode.INTERNAL_ERROR, "The project cannot be looked at: " + e.getMessage(), e);
    } finally {
      delete(name);
      room.release();
    }
  }

  private void delete(String name) {
    try {
      folders.delete(name);
    } catch (IOException e) {
      log.warn("Cannot delete the folder {}: {}", name, e.toString());
    }
  }
}
