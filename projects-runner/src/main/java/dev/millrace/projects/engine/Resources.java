package dev.millrace.projects.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a job needs; null leaves it to the engine.
 *
 * @param cpus processors, also parts of one
 */
public record Resources(@Nullable Double cpus, @Nullable Long memoryBytes, @Nullable Integer gpus) {

  /** All is left to the engine. */
  public static final Resources ANY = new Resources(null, null, null);
}
