package dev.millrace.projects.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The processes of an attempt, as Linux tells of them in {@code /proc}.
 *
 * @param id the process that leads the group and the session, and was its first
 * @param startTicks when that started, in ticks since the machine did: numbers of processes are
 *     used again, but not with the same time
 */
record ProcessGroup(long id, long startTicks) {

  private static final Path PROC = Path.of("/proc");

  /**
   * A line of {@code /proc/PID/stat}.
   *
   * @param isGone whether it has ended, and only waits to be asked about
   */
  private record Stat(long group, long session, long startTicks, boolean isGone) {}

  /** Reads what the shim wrote. */
  static ProcessGroup parse(String text) {
    String[] parts = text.strip().split(" ", -1);
    return new ProcessGroup(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }

  /** Whether the first process lives. */
  boolean isLed() {
    Stat stat = stat(Long.toString(id));
    return stat != null && !stat.isGone() && stat.startTicks() == startTicks;
  }

  /** Whether any process of the group lives. */
  boolean isAlive() throws IOException {
    Stat leader = stat(Long.toString(id));
    if (leader != null) {
      if (leader.startTicks() != startTicks) {
        // The number is another's now, so the group that had it is gone.
        return false;
      }
      if (!leader.isGone()) {
        return true;
      }
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        Stat stat = stat(process.getFileName().toString());
        if (stat != null && !stat.isGone() && stat.group() == id && stat.session() == id) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Sends a signal to all of them.
   *
   * @param signal TERM or KILL
   */
  void signal(String signal) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", "kill -s \"$1\" -- \"-$2\"", "sh", signal, "" + id)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private static @Nullable Stat stat(String process) {
    String text;
    try {
      text =
          new String(
              Files.readAllBytes(PROC.resolve(process).resolve("stat")),
              StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return null;
    }
    // The name, in brackets, may hold anything.
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    boolean isGone = fields[0].equals("Z") || fields[0].equals("X");
    return new Stat(
        Long.parseLong(fields[2]), Long.parseLong(fields[3]), Long.parseLong(fields[19]), isGone);
  }
}
