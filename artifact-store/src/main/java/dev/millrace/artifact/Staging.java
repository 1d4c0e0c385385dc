package dev.millrace.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where files are before they appear and trees after they disappeared, on the same file system as
 * the store. Each process has a folder of its own and holds a lock in it; a folder that nobody
 * holds is what a killed process left, and goes.
 */
final class Staging implements AutoCloseable {

  private static final String LOCK = "lock";

  private final Path folder;
  private final FileChannel lock;

  private Staging(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Opens a new folder below {@code base} and deletes those that nobody holds.
   *
   * @param base created if it does not exist
   */
  static Staging open(Path base) throws IOException {
    Files.createDirectories(base);
    // A folder is not held yet while it is created: no other process may look then.
    synchronized (Staging.class) {
      try (FileChannel all = channel(base.resolve(LOCK))) {
        all.lock();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(base, Files::isDirectory)) {
          for (Path left : folders) {
            deleteUnlessHeld(left);
          }
        }
        Path folder = Files.createDirectory(base.resolve(UUID.randomUUID().toString()));
        FileChannel lock = channel(folder.resolve(LOCK));
        lock.lock();
        return new Staging(folder, lock);
      }
    }
  }

  /** A path for a new file or tree. */
  Path next() {
    return folder.resolve(UUID.randomUUID().toString());
  }

  @Override
  public void close() throws IOException {
    lock.close();
    deleteTree(folder);
  }

  /** Deletes a file or tree; links are deleted, not followed. */
  static void deleteTree(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException thrown)
              throws IOException {
            if (thrown != null) {
              throw thrown;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void deleteUnlessHeld(Path folder) throws IOException {
    try (FileChannel channel = channel(folder.resolve(LOCK));
        FileLock free = channel.tryLock()) {
      if (free != null) {
        deleteTree(folder);
      }
    } catch (OverlappingFileLockException e) {
      // Another store in this process holds it.
      return;
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
