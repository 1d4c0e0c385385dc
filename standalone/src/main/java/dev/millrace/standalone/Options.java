package dev.millrace.standalone;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The options that were given, by command line or else by environment. What was not given is left
 * to the configuration files.
 */
record Options(Map<Option, String> given) {

  private static final String NO_UI = "none";
  private static final List<String> ENGINES = List.of("local", "docker", "kubernetes", "none");
  private static final String DEFAULT_DATA = "millrace-data";

  /** Where application-standalone.yml finds the file for the key of webhooks' secrets. */
  private static final String WEBHOOK_KEY_FILE = "millrace.webhook-key-file";

  /**
   * Names a file in which the launcher says where it has found a web interface: a pipe, as it looks
   * while the JVM starts.
   */
  private static final String FOUND_UI = "MILLRACE_FOUND_UI";

  /**
   * Reads the command line.
   *
   * @throws StartException if it is wrong; its message names the option
   */
  static Options parse(List<String> arguments, Map<String, String> environment)
      throws StartException {
    Map<Option, String> given = new EnumMap<>(Option.class);
    for (Option option : Option.values()) {
      for (String variable : option.variables()) {
        String value = environment.getOrDefault(variable, "");
        if (!value.isEmpty()) {
          given.putIfAbsent(option, checked(option, variable, value));
        }
      }
    }
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String flag = equals < 0 ? argument : argument.substring(0, equals);
      Option option =
          Option.of(flag)
              .orElseThrow(
                  () -> StartException.usage("unknown option '%s'; see --help".formatted(flag)));
      if (equals < 0 && !rest.hasNext()) {
        throw StartException.usage("option %s needs a value; see --help".formatted(flag));
      }
      String value = equals < 0 ? rest.next() : argument.substring(equals + 1);
      given.put(option, checked(option, flag, value));
    }
    String found = environment.get(FOUND_UI);
    boolean isSaid =
        given.containsKey(Option.UI)
            || Option.UI.variables().stream().anyMatch(environment::containsKey);
    if (found != null && !isSaid) {
      String folder = read(found);
      if (!folder.isEmpty()) {
        given.put(Option.UI, folder);
      }
    }
    return new Options(given);
  }

  /** The data folder, absolute. */
  Path data() {
    return Path.of(given.getOrDefault(Option.DATA, DEFAULT_DATA)).toAbsolutePath().normalize();
  }

  /** Whether anything is kept in the data folder; a process that keeps nothing needs none. */
  boolean useDataFolder() {
    return !given.containsKey(Option.DATABASE_URL) || !given.containsKey(Option.ARTIFACTS);
  }

  /** As configuration properties. */
  Map<String, Object> properties() {
    Map<String, Object> properties = new HashMap<>();
    given.forEach((option, value) -> properties.put(option.property(), value));
    if (NO_UI.equals(given.get(Option.UI))) {
      properties.put(Option.UI.property(), "");
    }
    properties.put(Option.DATA.property(), data().toString());
    if (useDataFolder()) {
      properties.put(WEBHOOK_KEY_FILE, data().resolve("webhook.key").toString());
    }
    return properties;
  }

  private static String read(String file) throws StartException {
    try (FileInputStream in = new FileInputStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw StartException.environment(
          "%s cannot be read: %s".formatted(FOUND_UI, e.getMessage()), e);
    }
  }

  private static String checked(Option option, String name, String value) throws StartException {
    if (value.isBlank() || value.indexOf('\0') >= 0) {
      throw StartException.usage("%s needs a value".formatted(name));
    }
    if (option == Option.PORT && !isPort(value)) {
      throw StartException.usage(
          "%s has to be a number from 0 to 65535, not '%s'".formatted(name, value));
    }
    if (option == Option.PROJECTS && !ENGINES.contains(value)) {
      throw StartException.usage(
          "%s has to be local, docker, kubernetes or none, not '%s'".formatted(name, value));
    }
    return value;
  }

  private static boolean isPort(String value) {
    try {
      int port = Integer.parseInt(value);
      return port >= 0 && port <= 65535;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
