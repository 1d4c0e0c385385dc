package dev.millrace.projects.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands as processes on this machine, each in a session of its own, with the rights of this
 * process. They go on when this process ends, in whatever way; what is known of one is in a folder
 * of its name, so that another process finds it again. Needs Linux.
 */
public final class LocalEngine {

  private static final String PID = "pid";
  private static final String EXIT = "exit";
  private static final String LOG = "log";
  private static final String BARRED = "barred";
  private static final int BLOCK_BYTES = 512;

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

  /**
   * Where attempts are: this machine and this folder. Engines of the same site find each other's.
   */
  public String site() throws IOException {
    String name = host.isEmpty() ? InetAddress.getLocalHost().getHostName() : host;
    Path file = folder.resolve("site");
    if (!Files.exists(file)) {
      Files.createDirectories(folder);
      boolean _ = create(file, UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
    }
    return name + "/" + Files.readString(file);
  }

  /** Makes a file with its content at once; false if there is one. */
  private static boolean create(Path file, byte[] content) throws IOException {
    Path made = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    Files.write(made, content);
    try {
      // Unlike a move, a link never replaces what is there.
      Files.createLink(file, made);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.delete(made);
    }
  }

  /**
   * Starts a command, unless something was started under its name, or the name was barred. It has
   * started when this returns.
   *
   * @throws IOException if no process can be started
   */
  public void start(Launch launch) throws IOException, InterruptedException {
    Path attempt = attempt(launch.name());
    Files.createDirectories(attempt);
    Path shim = attempt.resolve("shim.sh");
    try (InputStream script = LocalEngine.class.getResourceAsStream("shim.sh")) {
      boolean _ = create(shim, Objects.requireNonNull(script, "shim.sh").readAllBytes());
    }
    long blocks = Math.max(1, logMaxBytes / BLOCK_BYTES);
    List<String> command =
        new ArrayList<>(
            List.of("setsid", "sh", shim.toString(), attempt.toString(), Long.toString(blocks)));
    command.addAll(launch.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(launch.folder().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
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

  /**
   * Tells what became of a name, and if nothing was started under it, sees to it that nothing ever
   * will be: also not by a process that was about to.
   */
  public Status bar(String name) throws IOException {
    Path attempt = attempt(name);
    Files.createDirectories(attempt);
    boolean _ = create(attempt.resolve(PID), BARRED.getBytes(StandardCharsets.UTF_8));
    return status(name);
  }

  /** What is known of an attempt. */
  public Status status(String name) throws IOException {
    Path attempt = attempt(name);
    String text = readOrNull(attempt.resolve(PID));
    if (text == null || text.equals(BARRED)) {
      return new Status.NotStarted();
    }
    ProcessGroup group = ProcessGroup.parse(text);
    // Asked first: the exit code is written before the last process ends.
    boolean isLed = group.isLed();
    String exit = readOrNull(attempt.resolve(EXIT));
    if (exit != null) {
      // Blank on a disk that was full from the start.
      return new Status.Ended(exit.isBlank() ? null : Integer.parseInt(exit.strip()));
    }
    return isLed ? new Status.Running() : new Status.Ended(null);
  }

  /**
   * Sees to it that no process of an attempt is left: tells them to end, and after the grace period
   * kills them. Processes that made a session of their own are not found.
   */
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

  /** Adds a line of Millrace's own to the log of an attempt that was not started yet. */
  public void note(String name, String line) throws IOException {
    Path attempt = attempt(name);
    Files.createDirectories(attempt);
    Files.writeString(
        attempt.resolve(LOG),
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /**
   * A piece of a log.
   *
   * @param offset in bytes; beyond the end, the piece is empty
   * @param maxBytes at least 4
   */
  public LogChunk log(String name, long offset, int maxBytes) throws IOException {
    byte[] bytes;
    int count;
    try (SeekableByteChannel channel = Files.newByteChannel(attempt(name).resolve(LOG))) {
      long size = channel.size();
      if (offset >= size) {
        return new LogChunk("", size);
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(maxBytes, size - offset));
      channel.position(offset);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // Until it is full, or the log was cut meanwhile.
      }
      bytes = buffer.array();
      count = buffer.position();
    } catch (NoSuchFileException e) {
      return new LogChunk("", 0);
    }
    int whole = withoutPartialCharacter(bytes, count);
    return new LogChunk(new String(bytes, 0, whole, StandardCharsets.UTF_8), offset + whole);
  }

  /** How many bytes there are before a character whose end is missing. */
  private static int withoutPartialCharacter(byte[] bytes, int count) {
    for (int back = 1; back <= Math.min(3, count); back++) {
      int value = bytes[count - back] & 0xff;
      if ((value & 0xc0) == 0x80) {
        continue;
      }
      int length = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : value >= 0xc0 ? 2 : 1;
      return length > back && count > back ? count - back : count;
    }
    return count;
  }

  /** The names of all attempts of which something is known. */
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> attempts = Files.newDirectoryStream(folder, Files::isDirectory)) {
      attempts.forEach(attempt -> names.add(attempt.getFileName().toString()));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return names;
  }

  /** How long ago something last happened to an attempt. */
  public Duration age(String name) throws IOException {
    Path attempt = attempt(name);
    Path file = Files.exists(attempt.resolve(LOG)) ? attempt.resolve(LOG) : attempt;
    return Duration.ofMillis(
        System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis());
  }

  /** Forgets an attempt that has ended, with its log. */
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
    String text = readOrNull(attempt.resolve(PID));
    return text == null || text.equals(BARRED) ? null : ProcessGroup.parse(text);
  }

  private static @Nullable String readOrNull(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
