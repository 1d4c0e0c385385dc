package dev.millrace.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version that is to get its number.
 *
 * @param user who makes it; null if unknown
 * @param source where it came from, as clients are told
 * @param location where its artifacts are
 * @param runId empty for none
 * @param isPrompt by its own tags
 */
record NewVersion(
    String name,
    @Nullable String user,
    String description,
    String source,
    String location,
    String runId,
    String runLink,
    Map<String, String> tags,
    boolean isPrompt) {}
