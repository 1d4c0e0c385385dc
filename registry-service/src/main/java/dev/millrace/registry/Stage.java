package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import java.util.Locale;

/** How far a model version has come (mlflow 3.17.2 {@code model_version_stages.py}). */
enum Stage {
  NONE("None"),
  STAGING("Staging"),
  PRODUCTION("Production"),
  ARCHIVED("Archived");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  /** As clients and the database see it. */
  String text() {
    return text;
  }

  /** Whether a version in this stage is in use, so that it can push others out. */
  boolean isActive() {
    return this == STAGING || this == PRODUCTION;
  }

  /**
   * Reads what a client wrote, in letters of any case.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is no such stage
   */
  static Stage parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (Stage stage : values()) {
      if (stage.text.toLowerCase(Locale.ROOT).equals(lower)) {
        return stage;
      }
    }
    throw MillraceException.invalidParameter(
        "Invalid Model Version stage: %s. Value must be one of None, Staging, Production, Archived."
            .formatted(text));
  }

  /** Reads what the database holds. */
  static Stage of(String stored) {
    for (Stage stage : values()) {
      if (stage.text.equals(stored)) {
        return stage;
      }
    }
    throw new IllegalStateException("No stage: " + stored);
  }
}
