package dev.millrace.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder with everything Millrace keeps, held by this process: an operating system's lock on
 * its file {@code lock}, which a killed process cannot leave behind.
 */
final class DataFolder implements AutoCloseable {

  private final FileChannel channel;

  private DataFolder(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Creates the folder if it is missing, and takes it.
   *
   * @throws StartException if it cannot be written, or another process has it
   */
  static DataFolder take(Path folder) throws StartException {
    FileChannel channel;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw StartException.environment(
          "cannot write to the data folder %s; choose another with --data".formatted(folder), e);
    }
    try {
      if (channel.tryLock() != null) {
        return new DataFolder(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw StartException.environment("cannot lock the data folder %s".formatted(folder), e);
    }
    throw StartException.environment(
        "another Millrace already runs on the data folder %s".formatted(folder), null);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
