package dev.millrace.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that grows in the staging folder and is moved to its place when it is whole. */
final class DiskUpload implements Upload {

  private final DiskStorage storage;
  private final ArtifactPath path;
  private final Path staged;
  private final FileChannel channel;
  private boolean published;

  DiskUpload(DiskStorage storage, ArtifactPath path, Path staged) throws IOException {
    this.storage = storage;
    this.path = path;
    this.staged = staged;
    this.channel =
        FileChannel.open(staged, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    storage.publish(staged, path);
    published = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!published) {
      Files.deleteIfExists(staged);
    }
  }
}
