package dev.millrace.tracking;

import org.jspecify.annotations.Nullable;

/**
 * What a run is, without what was logged to it.
 *
 * @param runNo the number by which other tables name the run
 * @param status the name of a {@code RunStatus}
 * @param startTime in milliseconds since the epoch, like {@code endTime}
 * @param endTime null until somebody set it
 */
record RunRow(
    long runNo,
    String runId,
    long experimentId,
    String name,
    String userId,
    String status,
    long startTime,
    @Nullable Long endTime,
    LifecycleStage lifecycleStage,
    String artifactUri) {}
