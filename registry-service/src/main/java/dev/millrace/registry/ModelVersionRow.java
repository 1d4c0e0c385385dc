package dev.millrace.registry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version of a registered model.
 *
 * @param versionNo the row's own number, which no client sees
 * @param modelNo the model's row
 * @param creationTime in milliseconds since the epoch, like {@code lastUpdateTime}
 * @param source where it came from, as clients are told
 * @param storageLocation where its artifacts are; the same as {@code source}, unless that names
 *     another version or a logged model
 * @param runId null or empty for none; need not be the id of a run that exists
 * @param status the name of a {@code ModelVersionStatus}
 * @param aliases in their order; filled where an answer shows them
 */
record ModelVersionRow(
    long versionNo,
    long modelNo,
    String name,
    int version,
    long creationTime,
    long lastUpdateTime,
    @Nullable String description,
    Stage stage,
    String source,
    String storageLocation,
    @Nullable String runId,
    @Nullable String runLink,
    String status,
    @Nullable String statusMessage,
    Map<String, String> tags,
    List<String> aliases) {

  ModelVersionRow withTags(Map<String, String> newTags) {
    return new ModelVersionRow(
        versionNo,
        modelNo,
        name,
        version,
        creationTime,
        lastUpdateTime,
        description,
        stage,
        source,
        storageLocation,
        runId,
        runLink,
        status,
        statusMessage,
        newTags,
        aliases);
  }

  ModelVersionRow withAliases(List<String> newAliases) {
    return new ModelVersionRow(
        versionNo,
        modelNo,
        name,
        version,
        creationTime,
        lastUpdateTime,
        description,
        stage,
        source,
        storageLocation,
        runId,
        runLink,
        status,
        statusMessage,
        tags,
        newAliases);
  }
}
