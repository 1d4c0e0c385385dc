package dev.millrace.projects;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.engine.Resources;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a user hands in, with everything checked that can be without its code.
 *
 * @param idempotencyKey null for none
 * @param digest the same for the same request, and for no other
 */
record Submission(
    JobSpec spec, @Nullable String parentRunId, @Nullable String idempotencyKey, String digest) {

  private static final long MAX_TIMEOUT = 31_536_000;
  private static final int MAX_RETRIES = 10;
  private static final int MAX_PRIORITY = 1000;
  private static final double LEAST_CPUS = 0.001;
  private static final double MOST_CPUS = 1024;
  private static final long LEAST_MEMORY = 1L << 20;
  private static final long MOST_MEMORY = 1L << 50;
  private static final int MOST_GPUS = 1024;
  private static final int MAX_PARAMETERS = 1000;

  /** What a run's param, and its key, may hold. */
  private static final int MAX_VALUE = 6000;

  private static final int MAX_KEY = 250;

  private static final int MAX_NAME = 250;
  private static final int MAX_SOURCE = 2000;
  private static final Pattern EXPERIMENT = Pattern.compile("[0-9]{1,18}");
  private static final Pattern RUN = Pattern.compile("[0-9a-zA-Z_-]{1,32}");

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Submission {
    switch (spec.source()) {
      case JobSource.Git git -> {
        if (git.uri().isBlank()) {
          throw Rules.missing("source.git.uri");
        }
        limit("source.git.uri", git.uri(), MAX_SOURCE);
        limit("source.git.version", git.version(), MAX_NAME);
        limit("source.git.subdirectory", git.subdirectory(), MAX_SOURCE);
      }
      case JobSource.Snapshot snapshot -> {
        limit("source.snapshot.source_name", snapshot.name(), MAX_SOURCE);
        limit("source.snapshot.git_commit", snapshot.commit(), MAX_NAME);
        limit("source.snapshot.git_repo_url", snapshot.repoUrl(), MAX_SOURCE);
        limit("source.snapshot.git_branch", snapshot.branch(), MAX_NAME);
      }
    }
    limit("entry_point", spec.entryPoint(), MAX_NAME);
    if (spec.parameters().size() > MAX_PARAMETERS) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'parameters' supplied: at most %d are taken."
              .formatted(MAX_PARAMETERS));
    }
    spec.parameters()
        .forEach(
            (key, value) -> {
              limit("parameters.key", key, MAX_KEY);
              limit("parameters." + key, value, MAX_VALUE);
            });
    if (!EXPERIMENT.matcher(spec.experimentId()).matches()) {
      throw Rules.invalid("experiment_id", "'" + spec.experimentId() + "'", null);
    }
    limit("run_name", spec.runName(), MAX_NAME);
    if (parentRunId != null && !RUN.matcher(parentRunId).matches()) {
      throw Rules.invalid("parent_run_id", "'" + parentRunId + "'", null);
    }
    if (spec.timeoutSeconds() != null) {
      range("config.timeout_seconds", spec.timeoutSeconds(), 1, MAX_TIMEOUT);
    }
    range("config.max_retries", spec.maxRetries(), 0, MAX_RETRIES);
    range("config.priority", spec.priority(), -MAX_PRIORITY, MAX_PRIORITY);
    Resources resources = spec.resources();
    Double cpus = resources.cpus();
    // Not a number is not at least anything.
    if (cpus != null && !(cpus >= LEAST_CPUS && cpus <= MOST_CPUS)) {
      throw MillraceException.invalidParameter(
          "Invalid value %s for parameter 'config.resources.cpus' supplied: it must be from %s to %s."
              .formatted(cpus, LEAST_CPUS, MOST_CPUS));
    }
    if (resources.memoryBytes() != null) {
      range("config.resources.memory_bytes", resources.memoryBytes(), LEAST_MEMORY, MOST_MEMORY);
    }
    if (resources.gpus() != null) {
      range("config.resources.gpus", resources.gpus(), 0, MOST_GPUS);
    }
    limit("idempotency_key", idempotencyKey, MAX_NAME);
  }

  private static void limit(String parameter, @Nullable String value, int characters) {
    if (value != null) {
      new Limit(parameter, characters).check(value);
    }
  }

  private static void range(String parameter, long value, long least, long most) {
    if (value < least || value > most) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter '%s' supplied: it must be from %d to %d."
              .formatted(value, parameter, least, most));
    }
  }
}
