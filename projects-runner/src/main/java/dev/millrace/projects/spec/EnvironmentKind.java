package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;

/** What users ask for with {@code --env-manager}. */
public enum EnvironmentKind {
  /** What the machine has. */
  LOCAL("local"),
  /** A virtual environment. */
  VIRTUALENV("virtualenv"),
  /** A virtual environment, made by uv. */
  UV("uv"),
  /** A conda environment. */
  CONDA("conda");

  private final String text;

  EnvironmentKind(String text) {
    this.text = text;
  }

  /** As MLflow spells it, also in the tag {@code mlflow.project.env}. */
  public String text() {
    return text;
  }

  /**
   * Reads what a user asks for.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is none of that name
   */
  public static EnvironmentKind of(String text) {
    for (EnvironmentKind manager : values()) {
      if (manager.text.equals(text)) {
        return manager;
      }
    }
    throw MillraceException.invalidParameter(
        "Invalid value for `env_manager`: %s. Must be one of ['local', 'virtualenv', 'uv', 'conda']."
            .formatted(PythonText.of(text)));
  }
}
