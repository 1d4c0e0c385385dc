package dev.millrace.projects.engine;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What something elsewhere has printed, brought to a file piece by piece, each piece once. Who has
 * it gives pieces with their times, from a second on; the file beside the log tells how far it was
 * read: to which time, how many pieces of that time, and how long the log was then. What a process
 * that was killed had written behind that is cut off, and comes again.
 */
final class FetchedLog {

  private static final String FULL = "[millrace: the log is full, what follows is not kept]\n";

  private final Path folder;
  private final LogFile file;
  private final long maxBytes;

  /**
   * @param folder of the attempt; made when it is needed
   * @param maxBytes how much is kept
   */
  FetchedLog(Path folder, long maxBytes) {
    this.folder = folder;
    this.file = new LogFile(folder.resolve("log"));
    this.maxBytes = maxBytes;
  }

  /**
   * Something printed at once, as a rule a line.
   *
   * @param time never before that of the piece before it
   * @param number counts the pieces of that time, from 1
   * @param bytes as they come into the log
   */
  @SuppressWarnings("ArrayRecordComponent") // Pieces are never compared.
  record Piece(Instant time, int number, byte[] bytes) {}

  /** Numbers pieces in the order in which they come. */
  static final class Numbering {
    private @Nullable Instant last;
    private int number;

    /** The next piece. If its time is before the last one's, somebody has put a clock back. */
    Piece next(Instant time, byte[] bytes) {
      if (last != null && !time.isAfter(last)) {
        return new Piece(last, ++number, bytes);
      }
      last = time;
      number = 1;
      return new Piece(time, number, bytes);
    }
  }

  /** Pieces, one after the other. */
  interface Pieces extends Closeable {
    /** The next one; null at the end. */
    @Nullable Piece next() throws IOException;
  }

  /** Where the pieces come from. */
  @FunctionalInterface
  interface Source {
    /**
     * Opens it.
     *
     * @param since pieces before this second need not come; null for all
     */
    Pieces open(@Nullable Instant since) throws IOException;
  }

  /**
   * How far it was read.
   *
   * @param time of the last piece; null if there was none
   * @param number of the last piece
   * @param length of the log, in bytes
   */
  private record Place(@Nullable Instant time, int number, long length) {

    boolean isBefore(Piece piece) {
      return time == null
          || piece.time().isAfter(time)
          || (piece.time().equals(time) && piece.number() > number);
    }
  }

  /** Brings what is new, if the log is not full. */
  synchronized void pull(Source source) throws IOException {
    Place place = place();
    if (place.length() >= maxBytes) {
      return;
    }
    try (Pieces pieces = source.open(place.time());
        OutputStream out = append(place.length())) {
      for (Piece piece = pieces.next();
          piece != null && place.length() < maxBytes;
          piece = pieces.next()) {
        if (place.isBefore(piece)) {
          out.write(piece.bytes());
          place = new Place(piece.time(), piece.number(), place.length() + piece.bytes().length);
        }
      }
      if (place.length() >= maxBytes) {
        byte[] full = FULL.getBytes(StandardCharsets.UTF_8);
        out.write(full);
        place = new Place(place.time(), place.number(), place.length() + full.length);
      }
    }
    save(place);
  }

  /** Of when the last piece is; null if there is none. */
  synchronized @Nullable Instant time() throws IOException {
    return place().time();
  }

  /** Whether nothing more is kept. */
  synchronized boolean isFull() throws IOException {
    return place().length() >= maxBytes;
  }

  /** Adds a line of Millrace's own. */
  synchronized void note(String line) throws IOException {
    Place place = place();
    append(place.length()).close();
    file.add(line);
    save(new Place(place.time(), place.number(), Files.size(file.path())));
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
            .formatted(place.time() == null ? "-" : place.time(), place.number(), place.length()));
    Files.move(
        made,
        folder.resolve("read"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
