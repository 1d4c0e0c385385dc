package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at a project without running it. */
@FunctionalInterface
interface Inspector {

  /**
   * What a job would do.
   *
   * @param command goes after {@code bash -c}
   * @param params of the run
   * @param environment the kind of environment as the run's tag has it; null for none
   */
  record Inspection(String command, Map<String, String> params, @Nullable String environment) {}

  /**
   * Fetches a project and composes its command.
   *
   * @param folder empty, to fetch into
   * @throws MillraceException INVALID_PARAMETER_VALUE if the job would fail for its project
   */
  Inspection inspect(Submission submission, Path folder);
}
