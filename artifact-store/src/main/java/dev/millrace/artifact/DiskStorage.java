package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts as files below a directory, laid out as MLflow does. A file is written aside, synced
 * and moved to its place; a tree that is deleted is moved aside first. Symbolic links are followed
 * within the directory and refused where they leave it.
 */
final class DiskStorage implements Storage {

  private static final Logger log = LoggerFactory.getLogger(DiskStorage.class);

  /** How MLflow begins the names of files that are not there yet: never listed. */
  static final String MLFLOW_STAGING_PREFIX = ".artifact.uploading.";

  /** How often a file is moved again into a directory that somebody deletes meanwhile. */
  private static final int ATTEMPTS = 20;

  private final DiskRoot root;
  private final Staging staging;

  private DiskStorage(DiskRoot root, Staging staging) {
    this.root = root;
    this.staging = staging;
  }

  /**
   * Opens a store in {@code directory}, which is created if it does not exist, and clears what a
   * killed process left behind.
   *
   * @throws UncheckedIOException if the directory cannot be written
   */
  static DiskStorage open(Path directory) {
    try {
      Files.createDirectories(directory);
      DiskRoot root = new DiskRoot(directory.toRealPath());
      if (!root.canName("\u65e5")) {
        log.warn(
            "Artifacts whose names are not ASCII will be refused: this process runs in a locale"
                + " without UTF-8. Start it with LC_ALL=C.UTF-8.");
      }
      return new DiskStorage(root, Staging.open(root.staging()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot keep artifacts in " + directory, e);
    }
  }

  @Override
  public void check() {
    if (!Files.isWritable(root.path())) {
      throw new MillraceException(
          ErrorCode.TEMPORARILY_UNAVAILABLE, "The artifact directory cannot be written");
    }
  }

  @Override
  public Upload upload(ArtifactPath path) {
    Path target = root.locate(path);
    try {
      if (Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isDirectory()) {
        throw DiskErrors.occupied(path);
      }
    } catch (NoSuchFileException e) {
      // A new file.
    } catch (IOException e) {
      throw DiskErrors.refused(path, e);
    }
    try {
      return new DiskUpload(this, path, staging.next());
    } catch (IOException e) {
      throw DiskErrors.failed("store", path, e);
    }
  }

  /** Moves a staged file to its place, in one step, and makes that durable. */
  void publish(Path staged, ArtifactPath path) {
    Path target = root.locate(path);
    Path directory = DiskRoot.parent(target);
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          if (!Files.isDirectory(directory)) {
            root.createDirectories(directory);
            root.locate(path);
          }
          Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
          break;
        } catch (NoSuchFileException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
      DiskRoot.sync(directory);
    } catch (IOException e) {
      throw DiskErrors.refused(path, e);
    }
  }

  @Override
  public StoredFile stat(ArtifactPath path) {
    return stat(path, existing(path));
  }

  @Override
  public Content open(ArtifactPath path, Slice slice) {
    for (int attempt = 1; ; attempt++) {
      Path file = existing(path);
      StoredFile before = stat(path, file);
      long offset = slice.offset(before.size());
      long length = slice.length(before.size());
      try {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        // Replaced between the two: what was opened may not be what was described.
        if (attempt < ATTEMPTS && !stat(path, file).equals(before)) {
          channel.close();
          continue;
        }
        channel.position(offset);
        return new Content(before, offset, length, channel);
      } catch (NoSuchFileException e) {
        throw Storage.noSuch(path);
      } catch (IOException e) {
        throw DiskErrors.failed("read", path, e);
      }
    }
  }

  @Override
  public List<Entry> list(ArtifactPath directory) {
    Path folder = root.locate(directory);
    List<Entry> entries = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return entries;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        entry(directory, file).ifPresent(entries::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw DiskErrors.failed("list", directory, e);
    }
    entries.sort(Entry.BY_NAME);
    return entries;
  }

  @Override
  public void delete(ArtifactPath path) {
    Path target = root.locate(path);
    Path directory = DiskRoot.parent(target);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isDirectory()) {
        Path moved = staging.next();
        Files.move(target, moved, StandardCopyOption.ATOMIC_MOVE);
        DiskRoot.sync(directory);
        Staging.deleteTree(moved);
      } else if (!path.endsWithSlash()) {
        Files.delete(target);
        DiskRoot.sync(directory);
      }
    } catch (NoSuchFileException e) {
      // Gone already.
    } catch (IOException e) {
      if (!DiskErrors.cannotExist(e)) {
        throw DiskErrors.failed("delete", path, e);
      }
    }
  }

  @Override
  public Optional<ArtifactPath> locate(Uri uri) {
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      staging.close();
    } catch (IOException e) {
      // The next start tries again.
      log.warn("Cannot clear the staging folder: {}", e.toString());
    }
  }

  private Optional<Entry> entry(ArtifactPath directory, Path file) throws IOException {
    String name = Objects.requireNonNull(file.getFileName()).toString();
    if (name.startsWith(MLFLOW_STAGING_PREFIX)
        || (directory.isRoot() && name.equals(DiskRoot.STAGING))) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isSymbolicLink()) {
        Path real = file.toRealPath();
        if (!root.contains(real)) {
          return Optional.empty();
        }
        attributes = Files.readAttributes(real, BasicFileAttributes.class);
      }
      return attributes.isDirectory()
          ? Optional.of(new Entry(name, true, 0))
          : attributes.isRegularFile()
              ? Optional.of(new Entry(name, false, attributes.size()))
              : Optional.empty();
    } catch (NoSuchFileException e) {
      // Deleted since it was listed, or a link to nothing.
      return Optional.empty();
    }
  }

  private StoredFile stat(ArtifactPath path, Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw Storage.isDirectory(path);
      }
      if (!attributes.isRegularFile()) {
        throw Storage.noSuch(path);
      }
      // The file key tells files of one size apart that replace each other within a clock tick.
      String etag =
          "%x-%x-%x"
              .formatted(
                  attributes.lastModifiedTime().toInstant().toEpochMilli(),
                  attributes.size(),
                  Objects.hash(attributes.fileKey(), attributes.lastModifiedTime()));
      return new StoredFile(attributes.size(), etag, attributes.lastModifiedTime().toInstant());
    } catch (NoSuchFileException e) {
      throw Storage.noSuch(path);
    } catch (IOException e) {
      throw DiskErrors.failed("read", path, e);
    }
  }

  /** The real path of what exists at {@code path}. */
  private Path existing(ArtifactPath path) {
    Path file = root.locate(path);
    try {
      return file.toRealPath();
    } catch (IOException e) {
      if (DiskErrors.cannotExist(e)) {
        throw Storage.noSuch(path);
      }
      throw DiskErrors.failed("read", path, e);
    }
  }
}
