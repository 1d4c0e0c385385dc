package dev.millrace.projects;

import dev.millrace.projects.engine.Resources;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a job, and of each job of a schedule.
 *
 * @param parameters in the user's order
 * @param runName empty to let the tracking store choose one
 * @param envManager null to leave it to the project
 * @param timeoutSeconds of one attempt; null for no limit
 * @param maxRetries how often it is tried again when its command fails
 * @param priority the greater goes first
 */
record JobSpec(
    JobSource source,
    String entryPoint,
    Map<String, String> parameters,
    String experimentId,
    String runName,
    @Nullable String envManager,
    @Nullable Long timeoutSeconds,
    int maxRetries,
    int priority,
    Resources resources) {}
