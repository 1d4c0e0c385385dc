package dev.millrace.projects.environment;

import java.io.IOException;

/** Takes what the tools print that build an environment: it belongs to the log of the job. */
@FunctionalInterface
public interface BuildLog {

  /** A line without its end. */
  void add(String line) throws IOException;
}
