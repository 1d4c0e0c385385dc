package dev.millrace.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file being written. Closed before it is committed, it leaves nothing. */
sealed interface Upload extends AutoCloseable permits DiskUpload, S3Upload {

  /** Appends all of {@code bytes}. */
  void write(ByteBuffer bytes) throws IOException;

  /** Makes the file appear, durable and whole. */
  void commit() throws IOException;

  @Override
  void close() throws IOException;
}
