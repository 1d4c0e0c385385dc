package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Python with libraries, as {@code python_env.yaml} or the pip part of {@code conda.yaml}
 * describes it. Rules are those of mlflow 3.17.2 {@code utils/environment.py} ({@code _PythonEnv}).
 *
 * @param python the version; null for whatever is usual on the machine
 * @param buildDependencies requirements to install first
 * @param dependencies lines of a requirements file, relative to the project's folder
 * @param requirements what those lines come to, files that they name included
 * @param dropped packages of conda that pip does not have: they are not installed
 */
public record PythonEnv(
    @Nullable String python,
    List<String> buildDependencies,
    List<String> dependencies,
    List<Requirement> requirements,
    List<String> dropped) {

  private static final Pattern CONDA =
      Pattern.compile("(python|pip|setuptools|wheel)(<|>|<=|>=|=|==|!=)?([\\p{Nd}.]+)?");

  /** A version, or a range or variant that uv knows; never a path, which uv would run. */
  private static final Pattern VERSION =
      Pattern.compile("[A-Za-z0-9.<>=!~+@,*-][A-Za-z0-9.<>=!~+@,* -]*");

  /** The environment of a project that describes none: a bare Python. */
  static PythonEnv bare() {
    return new PythonEnv(null, List.of(), List.of(), List.of(), List.of());
  }

  /** Reads a {@code python_env.yaml}. */
  static PythonEnv read(Path file, ProjectFiles files) {
    String name = files.name(file);
    if (!(PythonYaml.load(files.text(file), name) instanceof Map<?, ?> map)) {
      throw MillraceException.invalidParameter(name + " must be a mapping");
    }
    for (Object key : map.keySet()) {
      if (!List.of("python", "build_dependencies", "dependencies").contains(key)) {
        throw MillraceException.invalidParameter(
            "%s: unknown key %s; there are python, build_dependencies and dependencies"
                .formatted(name, PythonText.of(key)));
      }
    }
    Object python = map.get("python");
    if (python != null && !(python instanceof String)) {
      throw MillraceException.invalidParameter(
          "%s: `python` must be a string but got %s".formatted(name, PythonText.of(python)));
    }
    return of(
        (String) python,
        texts(map.get("build_dependencies"), name, "build_dependencies"),
        texts(map.get("dependencies"), name, "dependencies"),
        List.of(),
        name,
        files);
  }

  /** Reads what a {@code conda.yaml} says of Python and pip. */
  static PythonEnv readConda(Path file, ProjectFiles files) {
    String name = files.name(file);
    if (!(PythonYaml.load(files.text(file), name) instanceof Map<?, ?> map)) {
      throw MillraceException.invalidParameter(name + " must be a mapping");
    }
    Object all = map.containsKey("dependencies") ? map.get("dependencies") : List.of();
    if (!(all instanceof List<?> list)) {
      throw MillraceException.invalidParameter(name + ": dependencies must be a list");
    }
    String python = null;
    List<String> build = new ArrayList<>();
    List<String> pip = List.of();
    List<String> dropped = new ArrayList<>();
    for (Object dependency : list) {
      switch (dependency) {
        case String text -> {
          Matcher matcher = CONDA.matcher(text);
          if (!matcher.matches()) {
            dropped.add(text);
          } else if (python == null && matcher.group(1).equals("python")) {
            python = pythonOf(text, matcher);
          } else {
            String operator = matcher.group(2) == null ? "" : matcher.group(2);
            String version = matcher.group(3) == null ? "" : matcher.group(3);
            build.add(matcher.group(1) + (operator.equals("=") ? "==" : operator) + version);
          }
        }
        case Map<?, ?> part when part.containsKey("pip") ->
            pip = texts(part.get("pip"), name, "pip");
        case null, default ->
            throw MillraceException.invalidParameter(
                "%s: Invalid conda dependency: %s. Must be str or dict in the form of {\"pip\": [...]}"
                    .formatted(name, PythonText.of(dependency)));
      }
    }
    return of(python, build, pip, dropped, name, files);
  }

  /**
   * The name of the folder that MLflow keeps the environment in.
   *
   * @param usualPython the version that stands for none
   */
  public String name(String usualPython) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("python", python == null ? usualPython : python);
    fields.put("build_dependencies", buildDependencies);
    fields.put("dependencies", dependencies);
    StringBuilder text = new StringBuilder(PythonText.of(fields));
    requirements.stream().sorted().forEach(text::append);
    try {
      return "mlflow-"
          + HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-1")
                      .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Whether the requirements say all there is to know of it. One that installs files of the project
   * (<code>./lib</code>, {@code -e .}) is the project's own, though another may have the same name.
   */
  public boolean isShared() {
    return requirements.stream().noneMatch(Requirement::isLocal)
        && buildDependencies.stream().noneMatch(line -> new Requirement(line, false).isLocal());
  }

  private static PythonEnv of(
      @Nullable String python,
      List<String> build,
      List<String> dependencies,
      List<String> dropped,
      String name,
      ProjectFiles files) {
    // Python takes an empty version for none.
    String version = python == null || python.isEmpty() ? null : python;
    if (version != null && !VERSION.matcher(version).matches()) {
      throw MillraceException.invalidParameter(
          "%s: %s is no version of Python".formatted(name, PythonText.of(version)));
    }
    return new PythonEnv(
        version, build, dependencies, Requirement.parse(dependencies, files), dropped);
  }

  private static @Nullable String pythonOf(String text, Matcher matcher) {
    String operator = matcher.group(2);
    if (operator == null) {
      throw MillraceException.invalidParameter(
          "Invalid dependency for python: %s. It must be pinned (e.g. python=3.8.13)."
              .formatted(text));
    }
    if (operator.equals("<") || operator.equals(">") || operator.equals("!=")) {
      throw MillraceException.invalidParameter(
          "Invalid version comparator for python: '%s'. Must be one of ['<=', '>=', '=', '==']."
              .formatted(operator));
    }
    return matcher.group(3);
  }

  /** A list of texts; null is an empty one. */
  static List<String> texts(@Nullable Object value, String file, String key) {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw MillraceException.invalidParameter(
          "%s: `%s` must be a list but got %s".formatted(file, key, PythonText.of(value)));
    }
    List<String> texts = new ArrayList<>();
    for (Object element : list) {
      if (!(element instanceof String text)) {
        throw MillraceException.invalidParameter(
            "%s: `%s` must be a list of strings but has %s"
                .formatted(file, key, PythonText.of(element)));
      }
      texts.add(text);
    }
    return texts;
  }
}
