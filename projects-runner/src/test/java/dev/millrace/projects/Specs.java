package dev.millrace.projects;

import dev.millrace.projects.engine.Resources;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs that ask for nothing but what a test is about. */
final class Specs {

  private Specs() {}

  /** The main entry point of a project. */
  static JobSpec of(JobSource source, Map<String, String> parameters, @Nullable String envManager) {
    return new JobSpec(source, "main", parameters, "0", "", envManager, null, 0, 0, Resources.ANY);
  }
}
