package dev.millrace.projects.environment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps others, in this process and in others of the machine, from building the same thing. */
final class FolderLock implements AutoCloseable {

  private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  private final ReentrantLock lock;
  private final FileChannel channel;

  private FolderLock(ReentrantLock lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  /**
   * Waits until nobody else has it.
   *
   * @param file stays, empty
   */
  static FolderLock take(Path file) throws IOException, InterruptedException {
    ReentrantLock lock = LOCKS.computeIfAbsent(file, _ -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        // It is the file's, and given back when the channel is closed or the process ends.
        FileLock _ = channel.lock();
        return new FolderLock(lock, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lock.unlock();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      lock.unlock();
    }
  }
}
