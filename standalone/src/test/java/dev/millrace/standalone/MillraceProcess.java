package dev.millrace.standalone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Millrace, or one of its services, in a process of its own, as its users run it. */
final class MillraceProcess implements AutoCloseable {

  private static final Pattern URL = Pattern.compile("is ready: (\\S+)");
  private static final Pattern PORT = Pattern.compile("listening on .*?(\\d+)$");

  private final Process process;
  private final BufferedReader output;
  private String address = "";

  private MillraceProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** How a process that could not start ended. */
  record Refusal(int exitCode, String output, String errors) {}

  /**
   * Starts a standalone platform on a free port, and waits until it is ready.
   *
   * @param folder for its data and its standard error
   */
  static MillraceProcess start(Path folder, String... options) {
    return start(folder, Map.of(), options);
  }

  /** Like {@link #start(Path, String...)}, with environment variables. */
  static MillraceProcess start(Path folder, Map<String, String> environment, String... options) {
    List<String> all = new ArrayList<>(List.of("--port", "0", "--data", data(folder).toString()));
    all.addAll(List.of(options));
    return started(List.of(), Main.class, folder, environment, all, URL);
  }

  /** Starts a standalone platform that is expected to give up. */
  static Refusal startAndFail(Path folder, Map<String, String> environment, String... options)
      throws Exception {
    Path errors = errors(folder, Main.class);
    try (MillraceProcess process =
        new MillraceProcess(launch(List.of(), Main.class, errors, environment, List.of(options)))) {
      // One that starts against expectation prints where it is, and would go on for ever.
      String output = Objects.requireNonNullElse(process.output.readLine(), "");
      int exitCode = output.isEmpty() ? process.process.waitFor() : 0;
      return new Refusal(exitCode, output, Files.readString(errors));
    }
  }

  /** Starts a service by its own main class; its {@link #address} is its TCP port. */
  static MillraceProcess startService(Class<?> main, Path folder, String... options) {
    return startService(List.of(), main, folder, options);
  }

  /**
   * Starts a service by another program.
   *
   * @param program with its arguments; what it is to start follows them
   */
  static MillraceProcess startService(
      List<String> program, Class<?> main, Path folder, String... options) {
    return started(program, main, folder, Map.of(), List.of(options), PORT);
  }

  /** Where a platform that was given {@code folder} keeps its data. */
  static Path data(Path folder) {
    return folder.resolve("data");
  }

  /** What a platform that was given {@code folder} wrote to standard error. */
  static Path errors(Path folder) {
    return errors(folder, Main.class);
  }

  /** The URL of a platform, the port of a service. */
  String address() {
    return address;
  }

  /** Its number; that of the program that started it, if that is still there. */
  long pid() {
    return process.pid();
  }

  /** As {@code kill -9} does: the process gets no chance to do anything. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** As Ctrl-C and SIGTERM do; returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("Millrace did not stop");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static MillraceProcess started(
      List<String> program,
      Class<?> main,
      Path folder,
      Map<String, String> environment,
      List<String> options,
      Pattern sign) {
    Path errors = errors(folder, main);
    MillraceProcess process =
        new MillraceProcess(launch(program, main, errors, environment, options));
    try {
      for (String line = process.output.readLine();
          line != null;
          line = process.output.readLine()) {
        Matcher matcher = sign.matcher(line);
        if (matcher.find()) {
          process.address = matcher.group(1);
          return process;
        }
      }
      process.close();
      throw new IllegalStateException("Not started: " + Files.readString(errors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path errors(Path folder, Class<?> main) {
    return folder.resolve(main.getPackageName() + ".errors");
  }

  private static Process launch(
      List<String> program,
      Class<?> main,
      Path errors,
      Map<String, String> environment,
      List<String> options) {
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    // What the developer's shell has set must not reach the server.
    builder.environment().keySet().removeIf(key -> key.matches("(MLFLOW|MILLRACE|AWS)_.*"));
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
