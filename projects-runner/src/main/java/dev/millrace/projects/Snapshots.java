package dev.millrace.projects;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives of project folders, each in a file named by the SHA-256 of its bytes: what is there is
 * whole and never changes. The folder is made when the first one comes.
 */
final class Snapshots {

  private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

  /** No upload is without news for so long. */
  private static final Duration PARTIAL = Duration.ofHours(1);

  private static final int BATCH = 1000;

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private final Path folder;
  private final long maxBytes;
  private final boolean isOn;

  /**
   * @param maxBytes the largest snapshot taken
   * @param isOn whether snapshots are taken at all
   */
  Snapshots(Path folder, long maxBytes, boolean isOn) {
    this.folder = folder.toAbsolutePath().normalize();
    this.maxBytes = maxBytes;
    this.isOn = isOn;
  }

  /**
   * Begins to take a snapshot.
   *
   * @param size in bytes if known, else -1
   * @throws MillraceException INVALID_PARAMETER_VALUE for a malformed digest or too large a size
   */
  SnapshotUpload upload(String sha256, long size) throws IOException {
    requireOn(isOn);
    Path file = file(sha256);
    if (size > maxBytes) {
      throw tooLarge(maxBytes);
    }
    Files.createDirectories(file.getParent());
    return new SnapshotUpload(file, sha256, maxBytes);
  }

  /**
   * How many bytes a snapshot has. Who asks is about to hand it in, so it counts as used.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  long size(String sha256) {
    try {
      return Files.size(use(sha256));
    } catch (NoSuchFileException e) {
      throw MillraceException.notFound("Snapshot '%s' does not exist.".formatted(sha256));
    } catch (IOException e) {
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "The snapshot cannot be read", e);
    }
  }

  /**
   * The file of a snapshot, whether it is there or not; if it is, it counts as used now.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE for a malformed digest
   */
  Path use(String sha256) {
    Path file = file(sha256);
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (NoSuchFileException e) {
      return file;
    } catch (IOException e) {
      log.warn("The use of snapshot {} cannot be noted: {}", sha256, e.toString());
    }
    return file;
  }

  /** The file of a snapshot, whether it is there or not. */
  Path file(String sha256) {
    if (!SHA_256.matcher(sha256).matches()) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'sha256' supplied: it must be 64 hexadecimal digits in lower"
              + " case.");
    }
    return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  /**
   * Deletes what nobody needs any more, and what is left of uploads that broke off.
   *
   * @param retention for how long a snapshot is kept behind its last use, needed or not
   * @param needed which of some snapshots somebody needs
   */
  void sweep(Duration retention, UnaryOperator<Set<String>> needed) throws IOException {
    Set<String> old = new HashSet<>();
    Instant now;
    try {
      now = now();
    } catch (NoSuchFileException e) {
      // None has come yet.
      return;
    }
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = file.getFileName().toString();
        if (SHA_256.matcher(name).matches()) {
          if (isOlder(file, retention, now)) {
            old.add(name);
          }
        } else if (name.startsWith(".") && isOlder(file, PARTIAL, now)) {
          Files.deleteIfExists(file);
        }
        if (old.size() == BATCH) {
          delete(old, retention, now, needed);
          old.clear();
        }
      }
    } catch (NoSuchFileException e) {
      // Another runner sweeps the same folder.
      log.debug("Snapshots are not all looked at: {}", e.toString());
    } catch (UncheckedIOException e) {
      throw new IOException("Snapshots cannot be listed", e);
    }
    delete(old, retention, now, needed);
  }

  /** What the clock says that files get their times from: runners' own clocks may be wrong. */
  private Instant now() throws NoSuchFileException {
    try {
      Path file = Files.createTempFile(folder, ".now", "");
      Instant now = Files.getLastModifiedTime(file).toInstant();
      Files.deleteIfExists(file);
      return now;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // On a full disk, tidying up matters most.
      return Instant.now();
    }
  }

  private void delete(
      Set<String> old, Duration retention, Instant now, UnaryOperator<Set<String>> needed)
      throws IOException {
    if (old.isEmpty()) {
      return;
    }
    Set<String> kept = needed.apply(old);
    for (String sha256 : old) {
      if (kept.contains(sha256)) {
        continue;
      }
      Path file = file(sha256);
      Path aside = file.resolveSibling("." + sha256 + "." + UUID.randomUUID());
      try {
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        // Whoever has come for it meanwhile has left a trace; who comes now does not find it.
        if (isOlder(aside, retention, now) && needed.apply(Set.of(sha256)).isEmpty()) {
          Files.deleteIfExists(aside);
          log.info("Snapshot {} was not used for {} days: deleted", sha256, retention.toDays());
        } else {
          Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (NoSuchFileException e) {
        log.debug("Another runner deletes snapshot {}", sha256);
      }
    }
  }

  private static boolean isOlder(Path file, Duration age, Instant now) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(age));
  }

  /** Nothing is taken where nothing would run it. */
  static void requireOn(boolean isOn) {
    if (!isOn) {
      throw new MillraceException(
          ErrorCode.NOT_IMPLEMENTED,
          "Projects are switched off on this server; its option '--projects local' switches them"
              + " on.");
    }
  }

  static MillraceException tooLarge(long maxBytes) {
    return MillraceException.invalidParameter(
        "The snapshot is too large: at most %d bytes are taken.".formatted(maxBytes));
  }
}
