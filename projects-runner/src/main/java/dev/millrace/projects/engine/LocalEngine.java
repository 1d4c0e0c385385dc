package dev.millrace.projects.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands as processes on this machine, each in a session of its own, with the rights of this
 * process. They go on when this process ends, in whatever way; what is known of one is in a folder
 * of its name, so that another process finds it again. Needs Linux.
 */
public final class LocalEngine implements Engine {

  private static final String PID = "pid";
  private static final String EXIT = "exit";
  private static final String LOG = "log";
  private static final String BARRED = "barred";
  private static final int BLOCK_BYTES = 512;

  /**
   * By these variables libraries choose how many threads they start: OpenMP, OpenBLAS, MKL,
   * NumExpr, and Python from 3.13 on.
   */
  private static final List<String> THREADS =
      List.of(
          "OMP_NUM_THREADS",
          "OPENBLAS_NUM_THREADS",
          "MKL_NUM_THREADS",
          "NUMEXPR_NUM_THREADS",
          "PYTHON_CPU_COUNT");

  /** How long a command may take to start. */
  private static final Duration START = Duration.ofSeconds(30);

  private static final long POLL_MILLIS = 20;

  private final Path folder;
  private final String host;
  private final long logMaxBytes;
  private final Duration grace;

  /**
   * @param folder for what is known of attempts; made when it is needed
   * @param host a name of this machine that stays the same; empty for its host name. Processes of
   *     another machine, or another container, are not found by this one
   * @param logMaxBytes how much of what a command prints is kept
   * @param grace how long a command may take to end when it is told to, before it is killed
   */
  public LocalEngine(Path folder, String host, long logMaxBytes, Duration grace) {
    this.folder = folder.toAbsolutePath().normalize();
    this.host = host;
    this.logMaxBytes = logMaxBytes;
    this.grace = grace;
  }

  /**
   * Whether this machine has what it needs.
   *
   * @throws IllegalStateException if it has not; the message says what is missing
   */
  public static void requireSupported() {
    boolean hasSetsid =
        Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
            .anyMatch(path -> !path.isEmpty() && Files.isExecutable(Path.of(path, "setsid")));
    if (!hasSetsid || !Files.isReadable(Path.of("/proc/self/stat"))) {
      throw new IllegalStateException(
          "Running projects locally needs Linux, with /proc and the command setsid");
    }
  }

  /** This machine and this folder. */
  @Override
  public String site() throws IOException {
    String name = host.isEmpty() ? InetAddress.getLocalHost().getHostName() : host;
    return name + "/" + new OnceFile(folder.resolve("site")).name();
  }

  @Override
  public void start(Launch launch) throws IOException, InterruptedException {
    Path attempt = attempt(launch.name());
    Files.createDirectories(attempt);
    Path shim = attempt.resolve("shim.sh");
    try (InputStream script = LocalEngine.class.getResourceAsStream("shim.sh")) {
      byte[] text = Objects.requireNonNull(script, "shim.sh").readAllBytes();
      boolean _ = new OnceFile(shim).create(new String(text, StandardCharsets.UTF_8));
    }
    if (!launch.resources().equals(Resources.ANY)) {
      note(launch.name(), limits(launch.resources()));
    }
    long blocks = Math.max(1, logMaxBytes / BLOCK_BYTES);
    List<String> command =
        new ArrayList<>(
            List.of(
                "setsid",
                "sh",
                shim.toString(),
                attempt.toString(),
                Long.toString(blocks),
                Long.toString(kibibytes(launch.resources()))));
    command.addAll(launch.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(launch.folder().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
    builder.environment().putAll(threads(launch.resources()));
    Process process = builder.start();
    long end = System.nanoTime() + START.toNanos();
    while (!Files.exists(attempt.resolve(PID))) {
      if (!process.isAlive() && !Files.exists(attempt.resolve(PID))) {
        throw new IOException("The process ended before it began");
      }
      if (System.nanoTime() >= end) {
        throw new IOException("The process does not begin");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** What of the resources a job is held to: that is less than their names say. */
  private static String limits(Resources resources) {
    List<String> limits = new ArrayList<>();
    if (resources.memoryBytes() != null) {
      limits.add("memory_bytes is the limit of each process by itself");
    }
    if (resources.cpus() != null) {
      limits.add("cpus is how many threads libraries are told to use, and no limit");
    }
    if (resources.gpus() != null) {
      limits.add("gpus is no limit");
    }
    return "[millrace: %s]".formatted(String.join("; ", limits));
  }

  private static long kibibytes(Resources resources) {
    return resources.memoryBytes() == null ? 0 : Math.max(1, resources.memoryBytes() / 1024);
  }

  private static Map<String, String> threads(Resources resources) {
    Map<String, String> variables = new HashMap<>();
    if (resources.cpus() != null) {
      String count = Integer.toString((int) Math.ceil(resources.cpus()));
      THREADS.forEach(name -> variables.put(name, count));
    }
    return variables;
  }

  @Override
  public Status bar(String name) throws IOException {
    Path attempt = attempt(name);
    boolean _ = new OnceFile(attempt.resolve(PID)).create(BARRED);
    return status(name);
  }

  @Override
  public Status status(String name) throws IOException {
    Path attempt = attempt(name);
    String text = new OnceFile(attempt.resolve(PID)).read();
    if (text == null || text.equals(BARRED)) {
      return new Status.NotStarted();
    }
    ProcessGroup group = ProcessGroup.parse(text);
    // Asked first: the exit code is written before the last process ends.
    boolean isLed = group.isLed();
    String exit = new OnceFile(attempt.resolve(EXIT)).read();
    if (exit != null) {
      // Blank on a disk that was full from the start.
      return new Status.Ended(exit.isBlank() ? null : Integer.parseInt(exit.strip()));
    }
    return isLed ? new Status.Running() : new Status.Ended(null);
  }

  /** Processes that made a session of their own are not found. */
  @Override
  public void end(String name) throws IOException, InterruptedException {
    Path attempt = attempt(name);
    ProcessGroup group = group(attempt);
    if (group == null || !group.isAlive()) {
      return;
    }
    if (Files.exists(attempt.resolve(EXIT)) && isGoneWithin(group, Duration.ofSeconds(1))) {
      // What the command printed last was still being kept.
      return;
    }
    group.signal("TERM");
    if (!isGoneWithin(group, grace)) {
      group.signal("KILL");
      isGoneWithin(group, Duration.ofSeconds(10));
    }
  }

  private static boolean isGoneWithin(ProcessGroup group, Duration time)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (group.isAlive()) {
      if (System.nanoTime() >= end) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  @Override
  public void note(String name, String line) throws IOException {
    Path attempt = attempt(name);
    Files.createDirectories(attempt);
    new LogFile(attempt.resolve(LOG)).add(line);
  }

  @Override
  public LogChunk log(String name, long offset, int maxBytes) throws IOException {
    return new LogFile(attempt(name).resolve(LOG)).read(offset, maxBytes);
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> attempts = Files.newDirectoryStream(folder, Files::isDirectory)) {
      attempts.forEach(attempt -> names.add(attempt.getFileName().toString()));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return names;
  }

  @Override
  public Duration age(String name) throws IOException {
    Path attempt = attempt(name);
    Path file = Files.exists(attempt.resolve(LOG)) ? attempt.resolve(LOG) : attempt;
    return Duration.ofMillis(
        System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis());
  }

  @Override
  public @Nullable Path code(String name) {
    return null;
  }

  @Override
  public void forget(String name) throws IOException {
    Path attempt = attempt(name);
    if (!Files.exists(attempt)) {
      return;
    }
    try (Stream<Path> files = Files.walk(attempt)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path attempt(String name) {
    if (!name.matches("[A-Za-z0-9-]{1,80}")) {
      throw new IllegalArgumentException("Not the name of an attempt: " + name);
    }
    return folder.resolve(name);
  }

  private static @Nullable ProcessGroup group(Path attempt) throws IOException {
    String text = new OnceFile(attempt.resolve(PID)).read();
    return text == null || text.equals(BARRED) ? null : ProcessGroup.parse(text);
  }
}
