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
    Map<String, String> tags) {}
