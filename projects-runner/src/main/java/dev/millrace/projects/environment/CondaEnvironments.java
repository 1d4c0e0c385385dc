package dev.millrace.projects.environment;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.spec.CondaEnv;
import dev.millrace.projects.spec.ShellQuote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Conda environments, made by conda, mamba or micromamba from a project's own file, and kept so
 * that jobs that need the same have the same.
 */
public final class CondaEnvironments {

  /** Of these, the first that is there. */
  private static final List<String> PROGRAMS = List.of("conda", "mamba", "micromamba");

  private static final String ACTIVATION = "millrace-activate.sh";

  /**
   * Nobody answers questions, the user's list of environments is not for these, and packages that
   * the user has installed for himself do not count.
   */
  private static final Map<String, String> VARIABLES =
      Map.of(
          "CONDA_ALWAYS_YES", "true",
          "MAMBA_ALWAYS_YES", "true",
          "CONDA_REGISTER_ENVS", "false",
          "CONDA_NOTIFY_OUTDATED_CONDA", "false",
          "CONDA_REPORT_ERRORS", "false",
          "PIP_NO_INPUT", "1",
          "PYTHONNOUSERSITE", "1");

  private final Path folder;
  private final @Nullable Path program;
  private final Duration limit;

  /**
   * @param folder where they are kept
   * @param program conda, mamba or micromamba: its path, or its name on the PATH; null for the
   *     first of them on the PATH
   * @param limit for making one
   */
  public CondaEnvironments(Path folder, @Nullable Path program, Duration limit) {
    this.folder = folder.toAbsolutePath().normalize();
    this.program = program;
    this.limit = limit;
  }

  /**
   * Whether this machine can make any.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it cannot; the message says what there is
   *     to do
   */
  public void check() {
    Path _ = program();
  }

  /**
   * Makes an environment, or finds it.
   *
   * @param project the project's folder
   * @param own a folder of the job, for an environment that is not shared
   * @return what goes before a shell's command line to run it in the environment
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is no conda, or what the project
   *     requires cannot be installed
   * @throws IOException if the program takes too long or does not do what it should, or the disk
   *     fails
   */
  public String activation(CondaEnv environment, Path project, Path own, BuildLog log)
      throws IOException, InterruptedException {
    Path place =
        (environment.isShared() ? folder : own.toAbsolutePath()).resolve(environment.name());
    EnvironmentFolder.ensure(place, log, () -> make(environment, project, place, log));
    return "source " + ShellQuote.of(place.resolve(ACTIVATION).toString()) + " && ";
  }

  private void make(CondaEnv environment, Path project, Path place, BuildLog log)
      throws IOException, InterruptedException {
    if (environment.isShared()) {
      // pip starts beside the description, and Python takes modules from there: what else the
      // project has must not get into an environment that others use.
      Path copy = place.resolveSibling("." + place.getFileName() + ".source");
      FolderTree.delete(copy);
      try {
        for (Path each : environment.files()) {
          Path to = copy.resolve(environment.root().relativize(each));
          Files.createDirectories(to.getParent());
          Files.copy(each, to);
        }
        Path file = copy.resolve(environment.root().relativize(environment.file()));
        make(file, copy, place, log);
      } finally {
        FolderTree.delete(copy);
      }
    } else {
      make(environment.file(), project, place, log);
    }
    Files.writeString(place.resolve(ACTIVATION), CondaActivation.read(place, log).script());
  }

  private void make(Path file, Path where, Path place, BuildLog log)
      throws IOException, InterruptedException {
    Path found = program();
    List<String> command = new ArrayList<>(List.of(found.toString()));
    // micromamba had no "env create" for long.
    command.addAll(isMicromamba(found) ? List.of("create", "--yes") : List.of("env", "create"));
    command.addAll(List.of("--prefix", place.toString(), "--file", file.toString()));
    int code;
    // Their cache of packages, which is one for all, is damaged when several fill it at once.
    try (FolderLock _ = FolderLock.take(folder.resolve(".conda.lock"))) {
      code = Tool.run(command, where, VARIABLES, limit, log);
    }
    if (code != 0) {
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "The environment of the project cannot be made: %s ended with exit code %d."
              .formatted(found.getFileName(), code));
    }
    if (!Files.isDirectory(place.resolve("conda-meta"))) {
      throw new IOException("%s made no environment in %s".formatted(found, place));
    }
  }

  private static boolean isMicromamba(Path program) throws IOException {
    return Stream.of(program, program.toRealPath())
        .anyMatch(path -> path.getFileName().toString().startsWith("micromamba"));
  }

  private Path program() {
    Path found = find();
    if (found == null) {
      throw MillraceException.invalidParameter(
          "This server has no conda, mamba or micromamba: install one, or name it by"
              + " millrace.projects-runner.conda. Without, env_manager 'uv' installs what pip can"
              + " of the project's conda.yaml, and 'local' uses what the machine has.");
    }
    return found;
  }

  private @Nullable Path find() {
    if (program == null) {
      return PROGRAMS.stream().map(Tool::find).filter(Objects::nonNull).findFirst().orElse(null);
    }
    if (!program.isAbsolute() && program.getNameCount() == 1) {
      return Tool.find(program.toString());
    }
    return Files.isRegularFile(program) && Files.isExecutable(program)
        ? program.toAbsolutePath()
        : null;
  }
}
