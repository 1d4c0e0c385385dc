package dev.millrace.projects.engine;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a pod has printed, brought to a file piece by piece, each line once. Kubernetes gives lines
 * with their times, from a second on; the file beside the log tells how far it was read: to which
 * time, how many lines of that time, and how long the log was then. What a process that was killed
 * had written behind that is cut off, and comes again.
 */
final class PodLog {

  private static final String FULL = "[millrace: the log is full, what follows is not kept]\n";
  private static final int MAX_LINE = 1 << 20;

  private final Path folder;
  private final LogFile file;
  private final long maxBytes;

  /**
   * @param folder of the attempt; made when it is needed
   * @param maxBytes how much is kept
   */
  PodLog(Path folder, long maxBytes) {
    this.folder = folder;
    this.file = new LogFile(folder.resolve("log"));
    this.maxBytes = maxBytes;
  }

  /** Where the lines come from. */
  @FunctionalInterface
  interface Source {
    /**
     * Opens it.
     *
     * @param since lines before this time need not come; null for all
     */
    InputStream open(@Nullable Instant since) throws IOException;
  }

  /**
   * How far it was read.
   *
   * @param time of the last line; null if there was none
   * @param lines how many of that time were read
   * @param length of the log, in bytes
   */
  private record Place(@Nullable Instant time, int lines, long length) {}

  /** Brings what is new, if the log is not full. */
  synchronized void pull(Source source) throws IOException {
    Place place = place();
    if (place.length() >= maxBytes) {
      return;
    }
    Instant last = place.time();
    int lines = place.lines();
    int known = lines;
    long length = place.length();
    try (InputStream in = new BufferedInputStream(source.open(last));
        OutputStream out = append(length)) {
      for (byte[] line = line(in); line != null; line = line(in)) {
        int space = 0;
        while (space < line.length && line[space] != ' ') {
          space++;
        }
        Instant time = time(new String(line, 0, space, StandardCharsets.US_ASCII));
        if (time == null || (last != null && time.isBefore(last))) {
          continue;
        }
        if (time.equals(last)) {
          if (known > 0) {
            known--;
            continue;
          }
          lines++;
        } else {
          last = time;
          lines = 1;
          known = 0;
        }
        int from = Math.min(space + 1, line.length);
        out.write(line, from, line.length - from);
        out.write('\n');
        length += line.length - from + 1;
        if (length >= maxBytes) {
          byte[] full = FULL.getBytes(StandardCharsets.UTF_8);
          out.write(full);
          length += full.length;
          break;
        }
      }
    }
    save(new Place(last, lines, length));
  }

  /** Adds a line of Millrace's own. */
  synchronized void note(String line) throws IOException {
    Place place = place();
    append(place.length()).close();
    file.add(line);
    save(new Place(place.time(), place.lines(), Files.size(file.path())));
  }

  /** A piece of it. */
  LogChunk read(long offset, int maxBytesOfPiece) throws IOException {
    return file.read(offset, maxBytesOfPiece);
  }

  private OutputStream append(long length) throws IOException {
    Files.createDirectories(folder);
    if (Files.exists(file.path())) {
      try (var channel = Files.newByteChannel(file.path(), StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
    }
    return new BufferedOutputStream(
        Files.newOutputStream(file.path(), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  private Place place() throws IOException {
    try {
      String[] parts = Files.readString(folder.resolve("read")).strip().split(" ", -1);
      return new Place(
          parts[0].equals("-") ? null : Instant.parse(parts[0]),
          Integer.parseInt(parts[1]),
          Long.parseLong(parts[2]));
    } catch (NoSuchFileException e) {
      return new Place(null, 0, 0);
    }
  }

  private void save(Place place) throws IOException {
    Path made = folder.resolve("read.tmp");
    Files.writeString(
        made,
        "%s %d %d\n"
            .formatted(place.time() == null ? "-" : place.time(), place.lines(), place.length()));
    Files.move(
        made,
        folder.resolve("read"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static @Nullable Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      // What a kubelet says itself, and says again the next time, or the end of an endless line.
      return null;
    }
  }

  /** The next line, or as much of it as one may be long; null at the end. */
  private static byte @Nullable [] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int value;
    while ((value = in.read()) >= 0 && value != '\n' && line.size() < MAX_LINE) {
      line.write(value);
    }
    if (value < 0 && line.size() == 0) {
      return null;
    }
    if (value >= 0 && value != '\n') {
      line.write(value);
    }
    return line.toByteArray();
  }
}
