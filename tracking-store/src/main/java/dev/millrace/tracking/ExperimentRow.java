package dev.millrace.tracking;

import java.util.Map;

/**
 * An experiment.
 *
 * @param creationTime in milliseconds since the epoch, like {@code lastUpdateTime}
 */
record ExperimentRow(
    long experimentId,
    String name,
    String artifactLocation,
    LifecycleStage lifecycleStage,
    long creationTime,
    long lastUpdateTime,
    Map<String, String> tags) {

  /** The same with these tags. */
  ExperimentRow with(Map<String, String> tags) {
    return new ExperimentRow(
        experimentId, name, artifactLocation, lifecycleStage, creationTime, lastUpdateTime, tags);
  }
}
