package dev.millrace.projects.spec;

import dev.millrace.platform.check.Uri;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An entry point: what to run, with which parameters. Rules and messages are those of mlflow 3.17.2
 * {@code projects/_project_spec.py}.
 *
 * @param command the template; null if the file has none
 */
record EntryPoint(String name, List<Parameter> parameters, @Nullable Object command) {

  /** Linux takes no longer argument; what activates the environment stands in it, too. */
  private static final int MAX_LINE_BYTES = 131_071 - 4_096;

  /** An entry point that is a script of the project. */
  static @Nullable EntryPoint script(String name) {
    int slash = name.lastIndexOf('/');
    int dot = name.lastIndexOf('.');
    // Leading dots make no extension.
    boolean extended = dot > slash && !name.substring(slash + 1, dot).replace(".", "").isEmpty();
    String command =
        switch (extended ? name.substring(dot) : "") {
          case ".py" -> "python " + ShellQuote.of(name);
          case ".sh" -> "bash " + ShellQuote.of(name);
          case ".R" -> "Rscript -e \"mlflow::mlflow_source('" + ShellQuote.of(name) + "')\" --args";
          default -> null;
        };
    return command == null ? null : new EntryPoint(name, List.of(), command);
  }

  /**
   * Composes the command.
   *
   * @param given what the user sets, in order
   * @param downloaded where the values of {@code path} parameters are that have been downloaded
   * @param folder the project's, which local paths are in
   */
  Command command(Map<String, String> given, Map<String, Path> downloaded, Path folder) {
    if (!(command instanceof String template)) {
      throw MillraceException.invalidParameter(
          "MLproject: entry point %s has no command, or one that is no text"
              .formatted(PythonText.of(name)));
    }
    checkMissing(given);
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> logged = new LinkedHashMap<>();
    List<PathParameter> paths = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      String value = value(parameter, given);
      logged.put(parameter.name(), ShellQuote.of(value));
      if (parameter.isPath()) {
        Path local = downloaded.get(parameter.name());
        String path = local == null ? localPath(parameter, value, folder) : local.toString();
        if (path == null) {
          paths.add(new PathParameter(parameter.name(), value, "param_" + i));
        } else {
          value = path;
        }
      }
      values.put(parameter.name(), ShellQuote.of(value));
    }
    StringBuilder line = new StringBuilder(PythonFormat.format(template, values));
    Set<String> addressable =
        parameters.stream()
            .filter(Parameter::addressable)
            .map(Parameter::name)
            .collect(Collectors.toSet());
    given.forEach(
        (key, value) -> {
          if (!addressable.contains(key)) {
            String quotedKey = ShellQuote.of(key);
            String quotedValue = ShellQuote.of(value);
            line.append(" --").append(quotedKey).append(' ').append(quotedValue);
            String other = logged.put(quotedKey, quotedValue);
            if (other != null && !other.equals(quotedValue)) {
              throw MillraceException.invalidParameter(
                  "Parameter %s cannot be given: MLproject declares it as a number or boolean of YAML"
                      .formatted(PythonText.of(key)));
            }
          }
        });
    return new Command(checked(line.toString()), logged, paths);
  }

  private void checkMissing(Map<String, String> given) {
    String missing =
        parameters.stream()
            .filter(
                parameter ->
                    parameter.given() == null
                        && !(parameter.addressable() && given.containsKey(parameter.name())))
            .map(parameter -> "'" + parameter.name() + "'")
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw MillraceException.invalidParameter("No value given for missing parameters: " + missing);
    }
  }

  private static String value(Parameter parameter, Map<String, String> given) {
    String value = parameter.addressable() ? given.get(parameter.name()) : null;
    if (value == null) {
      if ((parameter.isPath() || parameter.isUri()) && !(parameter.given() instanceof String)) {
        throw MillraceException.invalidParameter(
            "Expected %s for parameter %s but got %s"
                .formatted(
                    parameter.isUri() ? "URI" : "path", parameter.name(), parameter.fallback()));
      }
      value = parameter.fallback();
    }
    if (value == null) {
      throw new IllegalStateException("missing parameters have been looked for");
    }
    if (parameter.isUri() && Uri.parse(value).scheme().isEmpty()) {
      throw MillraceException.invalidParameter(
          "Expected URI for parameter %s but got %s".formatted(parameter.name(), value));
    }
    return value;
  }

  /**
   * The value of a {@code path} parameter as an absolute path. A relative one is in the project and
   * must be there; others are the machine's that runs the command.
   *
   * @return null if it must be downloaded
   */
  private static @Nullable String localPath(Parameter parameter, String value, Path folder) {
    Uri uri = Uri.parse(value);
    if (!uri.scheme().isEmpty() && !(uri.scheme().equals("file") && uri.authority().isEmpty())) {
      return null;
    }
    try {
      Path path =
          Path.of(
              uri.scheme().isEmpty()
                  ? value
                  : URLDecoder.decode(uri.path().replace("+", "%2B"), StandardCharsets.UTF_8));
      if (path.isAbsolute()) {
        return path.normalize().toString();
      }
      Path absolute = folder.toAbsolutePath().resolve(path).normalize();
      if (!value.isEmpty()
          && absolute.startsWith(folder.toAbsolutePath().normalize())
          && Files.exists(absolute)) {
        return absolute.toString();
      }
    } catch (IllegalArgumentException e) {
      // Is not there, then.
    }
    throw MillraceException.invalidParameter(
        "Got value %s for parameter %s, but no such file or directory was found."
            .formatted(value, parameter.name()));
  }

  private static String checked(String line) {
    if (line.indexOf('\0') >= 0) {
      throw MillraceException.invalidParameter("The command contains the character U+0000.");
    }
    int bytes = line.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_LINE_BYTES) {
      throw MillraceException.invalidParameter(
          "The command is %d bytes long; at most %d are possible."
              .formatted(bytes, MAX_LINE_BYTES));
    }
    return line;
  }
}
