package dev.millrace.projects.environment;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program that is run to its end. It may run a project's own code: what it inherits is chosen.
 */
final class Tool {

  /**
   * What build tools need of this process's variables. Whoever sets one of uv's, conda's or pip's
   * for the server wants it to be used: package indexes above all. That a conda environment is
   * active here is no setting.
   */
  private static final Pattern INHERITED =
      Pattern.compile(
          "PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|UV_.*|SSL_CERT_FILE|SSL_CERT_DIR|XDG_.*"
              + "|(?i:https?_proxy|no_proxy|all_proxy)|PIP_.*|MAMBARC|MAMBA_.*|CONDARC"
              + "|CONDA_(?!PREFIX|SHLVL|DEFAULT_ENV|PROMPT_MODIFIER|STACKED|EXE$|PYTHON_EXE).*");

  private static final int MAX_LINE = 4096;

  /** How long to wait for what was killed: who is nobody's child any more may never be gone. */
  private static final long KILL_MILLIS = 1000;

  private Tool() {}

  /**
   * Runs it; what it prints goes to the log.
   *
   * @return its exit code
   * @throws IOException if it cannot be started, or takes longer than the limit
   * @throws InterruptedException if this thread is to stop; the program has ended, then
   */
  static int run(
      List<String> command,
      Path folder,
      Map<String, String> variables,
      Duration limit,
      BuildLog log)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> !isInherited(name));
    builder.environment().putAll(variables);
    Process process = builder.start();
    Thread reader = Thread.ofVirtual().start(() -> copy(process, log));
    try {
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "%s took longer than %d seconds".formatted(command.getFirst(), limit.toSeconds()));
      }
      reader.join(Duration.ofSeconds(5));
      return process.exitValue();
    } finally {
      kill(process.toHandle());
    }
  }

  static boolean isInherited(String variable) {
    return INHERITED.matcher(variable).matches();
  }

  /** Kills a program and what it has started. They are gone then, or nearly. */
  static void kill(ProcessHandle program) {
    // First the program, which would go on when what it waits for has ended.
    List<ProcessHandle> all = Stream.concat(Stream.of(program), program.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, KILL_MILLIS, TimeUnit.MILLISECONDS)
        .join();
  }

  /** A program on the PATH; null if it is not there. */
  static @Nullable Path find(String name) {
    String path = System.getenv("PATH");
    for (String part : (path == null ? "" : path).split(File.pathSeparator, -1)) {
      Path found = Path.of(part.isEmpty() ? "." : part, name);
      if (Files.isRegularFile(found) && Files.isExecutable(found)) {
        return found.toAbsolutePath();
      }
    }
    return null;
  }

  private static void copy(Process process, BuildLog log) {
    try (Reader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c != '\n' && c != '\r') {
          line.append((char) c);
        }
        if (c == '\n' || line.length() == MAX_LINE) {
          log.add(line.toString());
          line.setLength(0);
        }
      }
      if (!line.isEmpty()) {
        log.add(line.toString());
      }
    } catch (IOException e) {
      // The program has ended, or the log is full: what it prints is lost, not what it does.
    }
  }
}
