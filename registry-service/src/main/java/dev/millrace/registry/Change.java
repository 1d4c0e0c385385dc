package dev.millrace.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in the registry. The history keeps each, and some are told to webhooks.
 *
 * <p>Texts are those of the moment: a model's name is the one it had before a change of its name.
 */
sealed interface Change {

  /** The name of the model that it happened to. */
  String name();

  /** The version that it happened to; null if it is about the model. */
  default @Nullable Integer version() {
    return null;
  }

  /** A change of one version. */
  sealed interface OfVersion extends Change {
    int versionNumber();

    @Override
    default Integer version() {
      return versionNumber();
    }
  }

  record ModelCreated(String name, Map<String, String> tags, @Nullable String description)
      implements Change {}

  record ModelUpdated(String name, @Nullable String oldDescription, @Nullable String newDescription)
      implements Change {}

  record ModelRenamed(String name, String newName) implements Change {}

  record ModelDeleted(String name) implements Change {}

  /**
   * A tag of a model has a value.
   *
   * @param isPrompt whether the model is a prompt once the tag is set
   */
  record ModelTagSet(
      String name, String key, @Nullable String oldValue, String value, boolean isPrompt)
      implements Change {}

  /**
   * A tag of a model is gone.
   *
   * @param oldValue null if there was no such tag
   * @param isPrompt whether the model is a prompt without the tag
   */
  record ModelTagDeleted(String name, String key, @Nullable String oldValue, boolean isPrompt)
      implements Change {}

  record AliasSet(
      String name, String alias, @Nullable Integer oldVersion, int versionNumber, boolean isPrompt)
      implements OfVersion {}

  /**
   * An alias names no version any more.
   *
   * @param oldVersion null if there was no such alias
   */
  record AliasDeleted(String name, String alias, @Nullable Integer oldVersion, boolean isPrompt)
      implements Change {}

  /**
   * A model has another version.
   *
   * @param isPrompt by the version's own tags, whatever its model is
   */
  record VersionCreated(
      String name,
      int versionNumber,
      String source,
      @Nullable String runId,
      Map<String, String> tags,
      @Nullable String description,
      boolean isPrompt)
      implements OfVersion {}

  record VersionUpdated(
      String name,
      int versionNumber,
      @Nullable String oldDescription,
      @Nullable String newDescription)
      implements OfVersion {}

  record StageChanged(String name, int versionNumber, String oldStage, String newStage)
      implements OfVersion {}

  record VersionDeleted(String name, int versionNumber) implements OfVersion {}

  record VersionTagSet(
      String name,
      int versionNumber,
      String key,
      @Nullable String oldValue,
      String value,
      boolean isPrompt)
      implements OfVersion {}

  /**
   * A tag of a version is gone.
   *
   * @param oldValue null if there was no such tag
   */
  record VersionTagDeleted(
      String name, int versionNumber, String key, @Nullable String oldValue, boolean isPrompt)
      implements OfVersion {}
}
