package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a project says of itself in its {@code MLproject} file and those beside it. Rules and
 * messages are those of mlflow 3.17.2 {@code projects/_project_spec.py}, but nothing is read
 * outside of the project, and what MLflow only stumbles over when a run exists is refused before.
 */
public final class ProjectSpec {

  private static final List<String> ENVIRONMENTS = List.of("docker_env", "python_env", "conda_env");

  private final ProjectFiles files;
  private final Map<?, ?> yaml;
  private final List<@Nullable Object> entryPointNames = new ArrayList<>();
  private final Map<String, EntryPoint> entryPoints = new LinkedHashMap<>();
  private final Described described;

  /** The environment that the files describe, whichever is used in the end. */
  private sealed interface Described {
    record Container(Environment.Docker docker) implements Described {}

    record PythonFile(@Nullable Path file) implements Described {}

    record CondaFile(Path file) implements Described {}
  }

  private ProjectSpec(ProjectFiles files, Map<?, ?> yaml) {
    this.files = files;
    this.yaml = yaml;
    List<String> environments = ENVIRONMENTS.stream().filter(yaml::containsKey).toList();
    if (environments.size() > 1) {
      throw MillraceException.invalidParameter(
          "Project cannot contain multiple environment fields: "
              + PythonText.of(Set.copyOf(environments)));
    }
    if (yaml.get("databricks_spark_job") != null) {
      throw MillraceException.invalidParameter(
          "MLproject: databricks_spark_job runs on Databricks only");
    }
    readEntryPoints();
    described = describe();
  }

  /**
   * Reads a project.
   *
   * @param folder where its {@code MLproject} is, if it has one
   * @throws MillraceException INVALID_PARAMETER_VALUE, with a message that says what is wrong
   */
  public static ProjectSpec read(Path folder) {
    return read(folder, folder);
  }

  /**
   * Reads a project that is a folder of what was fetched.
   *
   * @param root of what was fetched: the project's files may refer to others in it
   * @throws MillraceException INVALID_PARAMETER_VALUE, with a message that says what is wrong
   */
  public static ProjectSpec read(Path folder, Path root) {
    ProjectFiles files =
        new ProjectFiles(folder.toAbsolutePath().normalize(), root.toAbsolutePath().normalize());
    Path file = find(files.folder());
    if (file == null) {
      return new ProjectSpec(files, Map.of());
    }
    if (!(PythonYaml.load(files.text(file), files.name(file)) instanceof Map<?, ?> yaml)) {
      throw MillraceException.invalidParameter(files.name(file) + " must be a mapping");
    }
    return new ProjectSpec(files, yaml);
  }

  /** Its name; null if it has none. */
  public @Nullable String name() {
    return yaml.get("name") == null ? null : PythonYaml.text(yaml.get("name"));
  }

  /** The names of the entry points that the file declares, in its order. */
  public List<String> entryPoints() {
    return List.copyOf(entryPoints.keySet());
  }

  /**
   * Composes the command of an entry point, as long as nothing has been downloaded for it.
   *
   * @param entryPoint one of the file's, or a script of the project
   * @param parameters what the user sets, in order
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is no such entry point, or
   *     parameters or command are wrong
   */
  public Command command(String entryPoint, Map<String, String> parameters) {
    return command(entryPoint, parameters, Map.of());
  }

  /**
   * Composes the command of an entry point.
   *
   * @param downloaded where what {@link Command#paths} asked for is, by the parameter's name
   */
  public Command command(
      String entryPoint, Map<String, String> parameters, Map<String, Path> downloaded) {
    EntryPoint declared = entryPoints.get(entryPoint);
    EntryPoint found = declared == null ? EntryPoint.script(entryPoint) : declared;
    if (found == null) {
      throw MillraceException.invalidParameter(
          "Could not find %1$s among entry points %2$s or interpret %1$s as a runnable script."
                  .formatted(entryPoint, PythonText.of(entryPointNames))
              + " Supported script file extensions: ['.py', '.sh']");
    }
    return found.command(parameters, downloaded, files.folder());
  }

  /**
   * The environment to run in. A container that the project describes wins over what is asked for.
   *
   * @param wanted null to leave it to the project: a virtual environment, then
   * @throws MillraceException INVALID_PARAMETER_VALUE if the project has no such environment, or
   *     its description is wrong
   */
  public Environment environment(@Nullable EnvironmentKind wanted) {
    return switch (described) {
      case Described.Container(Environment.Docker docker) -> docker;
      case Described.PythonFile(Path file) ->
          switch (wanted) {
            case LOCAL -> new Environment.Local();
            case CONDA ->
                throw MillraceException.invalidParameter(
                    "python_env project cannot be executed using conda. Set `--env-manager` to"
                        + " 'virtualenv' or 'local' to execute this project.");
            case VIRTUALENV, UV -> new Environment.Virtual(wanted, python(file));
            case null -> new Environment.Virtual(EnvironmentKind.UV, python(file));
          };
      case Described.CondaFile(Path file) ->
          switch (wanted) {
            case LOCAL -> new Environment.Local();
            case CONDA -> new Environment.Conda(CondaEnv.read(file, files));
            case VIRTUALENV, UV ->
                new Environment.Virtual(wanted, PythonEnv.readConda(file, files));
            case null ->
                new Environment.Virtual(EnvironmentKind.UV, PythonEnv.readConda(file, files));
          };
    };
  }

  private PythonEnv python(@Nullable Path file) {
    return file == null ? PythonEnv.bare() : PythonEnv.read(file, files);
  }

  private static @Nullable Path find(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(
                  file -> (file.getFileName() + "").toLowerCase(Locale.ROOT).equals("mlproject"))
              .sorted()
              .toList();
      // MLflow takes the first that the file system names.
      return found.stream()
          .filter(file -> file.endsWith("MLproject"))
          .findFirst()
          .orElse(found.isEmpty() ? null : found.getFirst());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readEntryPoints() {
    Object all = yaml.containsKey("entry_points") ? yaml.get("entry_points") : Map.of();
    if (!(all instanceof Map<?, ?> map)) {
      throw MillraceException.invalidParameter("MLproject: entry_points must be a mapping");
    }
    map.forEach(
        (key, value) -> {
          String name = PythonYaml.text(key);
          if (!(value instanceof Map<?, ?> declaration)) {
            throw MillraceException.invalidParameter(
                "MLproject: entry point %s must be a mapping".formatted(PythonText.of(name)));
          }
          Object declared =
              declaration.containsKey("parameters") ? declaration.get("parameters") : Map.of();
          if (!(declared instanceof Map<?, ?> parameters)) {
            throw MillraceException.invalidParameter(
                "MLproject: parameters of entry point %s must be a mapping"
                    .formatted(PythonText.of(name)));
          }
          List<Parameter> list = new ArrayList<>();
          parameters.forEach((k, v) -> list.add(Parameter.read(name, k, v)));
          entryPointNames.add(key);
          // Users ask for texts, and find no number or boolean.
          if (key instanceof String) {
            entryPoints.put(name, new EntryPoint(name, list, declaration.get("command")));
          }
        });
  }

  private Described describe() {
    Object docker = yaml.get("docker_env");
    if (PythonYaml.truth(docker)) {
      return new Described.Container(docker(docker));
    }
    Path python = file("python_env", "python_env file");
    if (python != null) {
      return new Described.PythonFile(python);
    }
    Path conda = file("conda_env", "conda environment file");
    if (conda != null) {
      return new Described.CondaFile(conda);
    }
    Path usualPython = files.folder().resolve("python_env.yaml");
    if (Files.exists(usualPython)) {
      return new Described.PythonFile(usualPython);
    }
    Path usualConda = files.folder().resolve("conda.yaml");
    return Files.exists(usualConda)
        ? new Described.CondaFile(usualConda)
        : new Described.PythonFile(null);
  }

  private @Nullable Path file(String key, String what) {
    Object name = yaml.get(key);
    if (!PythonYaml.truth(name)) {
      return null;
    }
    if (!(name instanceof String text) || text.indexOf('\0') >= 0) {
      throw MillraceException.invalidParameter("MLproject: %s must be a path".formatted(key));
    }
    return files.find(files.folder().resolve(text), what, text);
  }

  private Environment.Docker docker(@Nullable Object value) {
    String invalid = "Project configuration (MLproject file) was invalid: ";
    if (!(value instanceof Map<?, ?> map)
        || !(map.get("image") instanceof String image)
        || image.isEmpty()) {
      throw MillraceException.invalidParameter(
          invalid + "Docker environment specified but no image attribute found.");
    }
    List<String> volumes = new ArrayList<>();
    Object volumeList = map.get("volumes");
    if (PythonYaml.truth(volumeList)) {
      if (!(volumeList instanceof List<?> list)
          || !list.stream().allMatch(String.class::isInstance)) {
        throw MillraceException.invalidParameter(
            invalid
                + "Docker volumes must be a list of strings, e.g.:"
                + " '[\"/path1/:/path1\", \"/path2/:/path2\"])");
      }
      list.forEach(volume -> volumes.add((String) volume));
    }
    List<Environment.Variable> variables = new ArrayList<>();
    Object variableList = map.get("environment");
    if (PythonYaml.truth(variableList)) {
      if (!(variableList instanceof List<?> list)) {
        throw wrongVariables();
      }
      list.forEach(variable -> variables.add(variable(variable)));
    }
    return new Environment.Docker(name(), image, volumes, variables);
  }

  private static Environment.Variable variable(@Nullable Object value) {
    return switch (value) {
      case String name -> new Environment.Variable(name, null);
      case List<?> pair when pair.size() == 2 && pair.getFirst() instanceof String name ->
          new Environment.Variable(name, PythonYaml.text(pair.getLast()));
      case null, default -> throw wrongVariables();
    };
  }

  private static MillraceException wrongVariables() {
    return MillraceException.invalidParameter(
        "Project configuration (MLproject file) was invalid: environment must be a list containing"
            + " either strings (to copy environment variables from host system) or lists of string"
            + " pairs (to define new environment variables).E.g.: '[[\"NEW_VAR\", \"new_value\"],"
            + " \"VAR_TO_COPY_FROM_HOST\"])");
  }
}
