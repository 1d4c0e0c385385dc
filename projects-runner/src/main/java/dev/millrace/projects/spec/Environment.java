package dev.millrace.projects.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a project's command runs. */
public sealed interface Environment {

  /** The run's tag {@code mlflow.project.env}; null for none. */
  @Nullable String tag();

  /** In what the machine has. */
  record Local() implements Environment {

    @Override
    public @Nullable String tag() {
      return null;
    }
  }

  /**
   * In a virtual environment of Python.
   *
   * @param manager what was asked for: {@code virtualenv} or {@code uv}; uv makes both
   */
  record Virtual(EnvironmentKind manager, PythonEnv python) implements Environment {

    @Override
    public String tag() {
      return manager.text();
    }
  }

  /** In a conda environment. */
  record Conda(CondaEnv conda) implements Environment {

    @Override
    public String tag() {
      return "conda";
    }
  }

  /**
   * In a container.
   *
   * @param project its name, which the image is named after; null if it has none
   * @param volumes as docker's {@code -v} takes them
   * @param variables what is set in it, in the file's order
   */
  record Docker(
      @Nullable String project, String image, List<String> volumes, List<Variable> variables)
      implements Environment {

    @Override
    public String tag() {
      return "docker";
    }
  }

  /**
   * An environment variable of a container.
   *
   * @param value null if it is to be that of the machine that starts the container
   */
  record Variable(String name, @Nullable String value) {}
}
