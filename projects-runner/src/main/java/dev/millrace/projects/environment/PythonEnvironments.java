package dev.millrace.projects.environment;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.spec.PythonEnv;
import dev.millrace.projects.spec.ShellQuote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Virtual environments, made by uv and kept under the names that MLflow gives them, so that jobs
 * that need the same have the same.
 */
public final class PythonEnvironments {

  private final Path folder;
  private final @Nullable Path uv;
  private final @Nullable String python;
  private final Duration limit;
  private final AtomicReference<@Nullable String> usualPython = new AtomicReference<>();

  /**
   * @param folder where they are kept
   * @param uv the program; null for the one on the PATH
   * @param python the version for projects that ask for none; null for that of the PATH's python3
   * @param limit for making one
   */
  public PythonEnvironments(
      Path folder, @Nullable Path uv, @Nullable String python, Duration limit) {
    this.folder = folder.toAbsolutePath().normalize();
    this.uv = uv;
    this.python = python;
    this.limit = limit;
  }

  /**
   * Makes an environment, or finds it.
   *
   * @param project the project's folder, which requirements are relative to
   * @param isLocked whether the project's {@code uv.lock} counts, if it has one
   * @param own a folder of the job, for an environment that installs files of the project
   * @return what goes before a shell's command line to run it in the environment
   * @throws MillraceException INVALID_PARAMETER_VALUE if what the project requires cannot be
   *     installed
   * @throws IOException if there is no uv, or another program or the disk fails
   */
  public String activation(
      PythonEnv environment, boolean isLocked, Path project, Path own, BuildLog log)
      throws IOException, InterruptedException {
    UvLock lock = isLocked ? UvLock.find(project) : null;
    for (String packages : environment.dropped()) {
      log.add("This package of conda is not installed: " + packages);
    }
    String version = usualPython();
    String name = environment.name(version) + (lock == null ? "" : "-" + lock.digest());
    boolean isShared = lock != null || environment.isShared();
    Path place = (isShared ? folder : own.toAbsolutePath()).resolve(name);
    EnvironmentFolder.ensure(
        place, log, () -> make(environment, version, lock, project, place, log));
    return "source " + ShellQuote.of(place.resolve("bin/activate").toString()) + " && ";
  }

  private void make(
      PythonEnv environment,
      String version,
      @Nullable UvLock lock,
      Path project,
      Path place,
      BuildLog log)
      throws IOException, InterruptedException {
    String program = uv().toString();
    String wanted = environment.python() == null ? version : environment.python();
    // A project's own uv.toml could send every other job with this name to its package index.
    run(
        List.of(program, "venv", "--no-config", "--python=" + wanted, place.toString()),
        folder,
        Map.of(),
        log);
    if (lock == null) {
      install(environment, program, project, place, log);
    } else {
      lock.copyTo(place);
      run(
          List.of(program, "sync", "--frozen", "--no-dev"),
          place,
          Map.of("UV_PROJECT_ENVIRONMENT", place.toString()),
          log);
    }
  }

  private void install(
      PythonEnv environment, String program, Path project, Path place, BuildLog log)
      throws IOException, InterruptedException {
    Map<String, String> variables = Map.of("VIRTUAL_ENV", place.toString());
    List<List<String>> steps = new ArrayList<>();
    steps.add(environment.buildDependencies());
    steps.add(environment.dependencies());
    for (List<String> lines : steps) {
      if (lines.isEmpty()) {
        continue;
      }
      // Beside the files that its lines refer to.
      Path requirements = Files.createTempFile(project, "requirements.", ".txt");
      try {
        Files.writeString(requirements, String.join("\n", lines));
        run(
            List.of(
                program,
                "pip",
                "install",
                "--no-config",
                "--python",
                place.resolve("bin/python").toString(),
                "-r",
                requirements.getFileName() + ""),
            project,
            variables,
            log);
      } finally {
        Files.deleteIfExists(requirements);
      }
    }
  }

  private void run(List<String> command, Path where, Map<String, String> variables, BuildLog log)
      throws IOException, InterruptedException {
    int code = Tool.run(command, where, variables, limit, log);
    if (code != 0) {
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "The environment of the project cannot be made: uv %s ended with exit code %d."
              .formatted(command.get(1), code));
    }
  }

  private String usualPython() throws IOException, InterruptedException {
    String known = python == null ? usualPython.get() : python;
    if (known == null) {
      List<String> lines = new ArrayList<>();
      int code =
          Tool.run(
              List.of("python3", "-c", "import platform; print(platform.python_version())"),
              Files.createDirectories(folder),
              Map.of(),
              Duration.ofSeconds(30),
              lines::add);
      if (code != 0 || lines.isEmpty()) {
        throw new IOException(
            "The project asks for no version of Python, and there is no usual one: no python3"
                + " runs");
      }
      known = lines.getLast().strip();
      usualPython.set(known);
    }
    Files.createDirectories(folder);
    return known;
  }

  private Path uv() throws IOException {
    if (uv != null) {
      return uv;
    }
    Path found = Tool.find("uv");
    if (found != null) {
      return found;
    }
    throw new IOException(
        "This server has no uv, which makes the environments of projects: install it, or use the"
            + " env_manager 'local'");
  }
}
