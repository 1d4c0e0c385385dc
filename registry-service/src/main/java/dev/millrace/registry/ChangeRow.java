package dev.millrace.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change as the history tells it.
 *
 * @param time milliseconds since the epoch
 * @param user null if unknown
 * @param version null if it is about the model
 */
record ChangeRow(
    long changeId,
    long time,
    @Nullable String user,
    String action,
    String name,
    @Nullable Integer version,
    List<FieldRow> fields) {

  /**
   * What changed within it.
   *
   * @param oldValue null if there was nothing
   * @param newValue null if there is nothing now
   */
  record FieldRow(String field, @Nullable String oldValue, @Nullable String newValue) {}
}
