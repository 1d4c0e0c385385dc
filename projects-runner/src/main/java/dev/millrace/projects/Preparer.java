package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.file.Path;

/** Makes a project ready to be started: fetches its code, composes its command. */
@FunctionalInterface
interface Preparer {

  /** Takes a line for the job's log. */
  @FunctionalInterface
  interface Notes {
    void add(String line) throws IOException;
  }

  /**
   * Prepares a job.
   *
   * @param folder empty, the job's own, and deleted when it has ended
   * @throws MillraceException if the project is wrong; its message is for the user
   * @throws IOException if something failed on the way
   */
  Prepared prepare(JobRow job, Path folder, Notes notes) throws IOException, InterruptedException;
}
