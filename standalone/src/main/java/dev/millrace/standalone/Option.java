package dev.millrace.standalone;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the command line takes. Each option can also be given by environment variables, the first of
 * which that is set counts; the {@code MLFLOW_} ones are those of {@code mlflow server} 3.17.2.
 * Described to users in {@code help.txt}.
 */
enum Option {
  DATA("--data", "millrace.data", "MILLRACE_DATA", null),
  HOST("--host", "millrace.gateway.host", "MILLRACE_HOST", "MLFLOW_HOST"),
  PORT("--port", "millrace.gateway.port", "MILLRACE_PORT", "MLFLOW_PORT"),
  DATABASE_URL(
      "--database-url",
      "millrace.tracking-store.database-url",
      "MILLRACE_DATABASE_URL",
      "MLFLOW_BACKEND_STORE_URI"),
  ARTIFACTS(
      "--artifacts",
      "millrace.artifact-store.location",
      "MILLRACE_ARTIFACTS",
      "MLFLOW_ARTIFACTS_DESTINATION"),
  PROJECTS("--projects", "millrace.projects-runner.engine", "MILLRACE_PROJECTS", null),
  UI("--ui", "millrace.gateway.ui", "MILLRACE_UI", null),
  ALLOWED_HOSTS(
      "--allowed-hosts",
      "millrace.gateway.allowed-hosts",
      "MILLRACE_ALLOWED_HOSTS",
      "MLFLOW_SERVER_ALLOWED_HOSTS"),
  CORS_ALLOWED_ORIGINS(
      "--cors-allowed-origins",
      "millrace.gateway.cors-allowed-origins",
      "MILLRACE_CORS_ALLOWED_ORIGINS",
      "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS");

  private final String flag;
  private final String property;
  private final String variable;
  private final @Nullable String mlflowVariable;

  Option(String flag, String property, String variable, @Nullable String mlflowVariable) {
    this.flag = flag;
    this.property = property;
    this.variable = variable;
    this.mlflowVariable = mlflowVariable;
  }

  /** The option as written on the command line. */
  String flag() {
    return flag;
  }

  /** The configuration property that the option sets. */
  String property() {
    return property;
  }

  /** The environment variables that set the option, strongest first. */
  List<String> variables() {
    return mlflowVariable == null ? List.of(variable) : List.of(variable, mlflowVariable);
  }

  static Optional<Option> of(String flag) {
    return Arrays.stream(values()).filter(option -> option.flag.equals(flag)).findFirst();
  }
}
