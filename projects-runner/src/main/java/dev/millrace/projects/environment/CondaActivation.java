package dev.millrace.projects.environment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.projects.spec.ShellQuote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What activating a conda environment does to a shell: the same as conda, mamba and micromamba do,
 * who each have another command for it. None of them is needed, then, where a job runs.
 *
 * @param place the environment
 * @param variables what its packages and its description set
 * @param scripts of its packages, which the shell has to read
 */
record CondaActivation(Path place, Map<String, String> variables, List<Path> scripts) {

  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern NAME = Pattern.compile("[A-Z_][A-Z0-9_]*");

  /** Conda's mark for a variable that was taken away. */
  private static final String UNSET = "***unset***";

  /** Reads what is in an environment. */
  static CondaActivation read(Path place, BuildLog log) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    for (Path file : files(place.resolve("etc/conda/env_vars.d"), "")) {
      add(file, false, found);
    }
    // What the description says is stronger.
    Path state = place.resolve("conda-meta/state");
    if (Files.isRegularFile(state)) {
      add(state, true, found);
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : found.entrySet()) {
      // As conda, unless it is told otherwise, and mamba.
      String name = each.getKey().toUpperCase(Locale.ROOT);
      if (name.equals("PATH") || !NAME.matcher(name).matches()) {
        log.add("This variable of the environment is not set: " + each.getKey());
      } else if (!each.getValue().equals(UNSET)) {
        variables.put(name, each.getValue());
      }
    }
    return new CondaActivation(
        place, variables, files(place.resolve("etc/conda/activate.d"), ".sh"));
  }

  /** For a shell to read. */
  String script() {
    String path = ShellQuote.of(place.toString());
    StringBuilder text = new StringBuilder();
    text.append("export PATH=%s/bin\"${PATH:+:$PATH}\"\n".formatted(path));
    text.append("export CONDA_PREFIX=%s CONDA_DEFAULT_ENV=%1$s CONDA_SHLVL=1\n".formatted(path));
    variables.forEach(
        (name, value) -> text.append("export %s=%s\n".formatted(name, ShellQuote.of(value))));
    scripts.forEach(file -> text.append(". %s\n".formatted(ShellQuote.of(file.toString()))));
    // Where programs are has changed. It succeeds, too: what the last script ends with is no error.
    return text.append("hash -r\n").toString();
  }

  private static List<Path> files(Path folder, String end) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(end) && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }

  private static void add(Path file, boolean isState, Map<String, String> variables)
      throws IOException {
    try (JsonParser json = JSON.createParser(file.toFile())) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        add(json, isState, variables);
      }
    }
  }

  private static void add(JsonParser json, boolean isState, Map<String, String> variables)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (isState && name.equals("env_vars") && value == JsonToken.START_OBJECT) {
        add(json, false, variables);
      } else if (!isState && value != JsonToken.VALUE_NULL && value.isScalarValue()) {
        variables.put(name, text(json, value));
      } else {
        json.skipChildren();
      }
    }
  }

  private static String text(JsonParser json, JsonToken value) throws IOException {
    return switch (value) {
      // As Python prints them.
      case VALUE_TRUE -> "True";
      case VALUE_FALSE -> "False";
      default -> json.getText();
    };
  }
}
