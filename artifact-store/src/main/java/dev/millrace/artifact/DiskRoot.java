package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * The directory that no artifact is outside of.
 *
 * @param path its real path
 */
record DiskRoot(Path path) {

  /** The folder for files that are not there yet; not an artifact, whoever asks. */
  static final String STAGING = ".millrace-staging";

  Path staging() {
    return path.resolve(STAGING);
  }

  /** Whether a file may have this name here: without UTF-8, Java cannot name all files. */
  boolean canName(String name) {
    try {
      return path.resolve(name).startsWith(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * Where {@code artifact} is, after a look whether links lead out of the directory (mlflow 3.17.2
   * {@code validate_path_within_directory}). Who may write into the directory past this service
   * could change a link after the look; such a person needs no trick.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is outside or reserved
   */
  Path locate(ArtifactPath artifact) {
    if (!canName(artifact.key())) {
      throw MillraceException.invalidParameter(
          "The artifact path '%s' cannot be a file name here".formatted(artifact.text()));
    }
    Path file = path.resolve(artifact.key());
    if (file.startsWith(staging())) {
      throw MillraceException.invalidParameter(
          "Invalid artifact path: '%s'. '%s' is reserved.".formatted(artifact.text(), STAGING));
    }
    Path part = file;
    while (part.startsWith(path)) {
      // Most are new files: to look is cheaper than to fail.
      if (!Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
        part = parent(part);
        continue;
      }
      try {
        if (contains(part.toRealPath())) {
          return file;
        }
        throw outside();
      } catch (IOException e) {
        // A link to nothing may become a link to something.
        if (Files.isSymbolicLink(part)) {
          throw outside();
        }
        part = parent(part);
      }
    }
    return file;
  }

  /** Whether a real path is one of an artifact. */
  boolean contains(Path real) {
    return real.startsWith(path) && !real.startsWith(staging());
  }

  /** As {@link Files#createDirectories}, but durable. */
  void createDirectories(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path part = directory; !Files.isDirectory(part); part = parent(part)) {
      missing.push(part);
    }
    for (Path part : missing) {
      try {
        Files.createDirectory(part);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(part)) {
          throw e;
        }
      }
      sync(parent(part));
    }
  }

  /** Makes what was renamed, created or deleted in {@code directory} durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // Deleted meanwhile, with what was in it.
      return;
    }
  }

  static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  private static MillraceException outside() {
    return MillraceException.invalidParameter(
        "Invalid path: resolved path is outside the artifact directory");
  }
}
