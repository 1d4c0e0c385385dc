package dev.millrace.tracking;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A logged model with everything that was logged to it.
 *
 * @param modelId {@code m-} and 32 hexadecimal digits
 * @param creationTime in milliseconds since the epoch, like {@code lastUpdateTime}
 * @param status the number of a {@code LoggedModelStatus}
 * @param modelType empty for none
 * @param sourceRunId empty for none; need not be the id of a run that exists
 */
record LoggedModelRow(
    String modelId,
    long experimentId,
    String name,
    String artifactUri,
    long creationTime,
    long lastUpdateTime,
    int status,
    LifecycleStage lifecycleStage,
    String modelType,
    String sourceRunId,
    @Nullable String statusMessage,
    Map<String, String> params,
    Map<String, String> tags,
    List<LoggedModelMetricRow> metrics) {}
