package dev.millrace.registry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A registered model. What other tables hold (tags, aliases, versions) is there only if it was
 * loaded with them.
 *
 * @param modelNo the row's own number, which no client sees and which no other model ever has
 * @param creationTime in milliseconds since the epoch, like {@code lastUpdateTime}
 * @param lastVersion the highest version number given out, also to a version deleted since
 * @param aliases the version that each alias names
 * @param latestVersions the highest version of each stage, by version, with their tags
 */
record RegisteredModelRow(
    long modelNo,
    String name,
    @Nullable String description,
    long creationTime,
    long lastUpdateTime,
    int lastVersion,
    Map<String, String> tags,
    Map<String, Integer> aliases,
    List<ModelVersionRow> latestVersions) {

  RegisteredModelRow with(
      Map<String, String> newTags,
      Map<String, Integer> newAliases,
      List<ModelVersionRow> newLatestVersions) {
    return new RegisteredModelRow(
        modelNo,
        name,
        description,
        creationTime,
        lastUpdateTime,
        lastVersion,
        newTags,
        newAliases,
        newLatestVersions);
  }
}
