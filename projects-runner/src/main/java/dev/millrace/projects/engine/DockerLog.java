package dev.millrace.projects.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what a container prints, into the log of its attempt. What comes is kept for a moment and
 * written together; whoever asks for the log, or for how the attempt is, has it written.
 */
final class DockerLog implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DockerLog.class);

  private static final int BATCH_BYTES = 256 << 10;

  /** How long it is left alone when it has broken off. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How long the end of the log of a container that has ended may take to come. */
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** How often it is tried to be read then. */
  private static final int MAX_FAILURES = 10;

  /** To be held by who makes the container. */
  final Object making = new Object();

  private final String name;
  private final FetchedLog file;
  private final List<FetchedLog.Piece> batch = new ArrayList<>();
  private int batchBytes;
  private @Nullable DockerAnswer following;
  private long brokenNanos = System.nanoTime() - PAUSE.toNanos();
  private int failures;
  private boolean isWhole;

  /**
   * @param name of the attempt, which its container is found by
   */
  DockerLog(String name, FetchedLog file) {
    this.name = name;
    this.file = file;
  }

  FetchedLog file() {
    return file;
  }

  /** Sees to it that the log of a container that runs is followed, and writes what has come. */
  synchronized void follow(DockerHttpClient client, String container) throws IOException {
    write();
    DockerAnswer now = following;
    if (now != null && now.isOver()) {
      // The container has just ended, or it is followed again in a moment.
      brokenNanos = System.nanoTime();
      if (now.problem() != null) {
        log.warn("The log of {} breaks off: {}", name, String.valueOf(now.problem()));
      }
      close();
      now = null;
    }
    if (now == null && System.nanoTime() - brokenNanos >= PAUSE.toNanos()) {
      begin(client, container);
    }
  }

  /**
   * Brings the rest of the log of a container that has ended.
   *
   * @throws EngineUnavailableException if it does not come, and may come later
   */
  void finish(DockerHttpClient client, String container) throws IOException, InterruptedException {
    if (awaitEnd()) {
      synchronized (this) {
        if (isWhole) {
          return;
        }
        write();
        close();
        // Whether what was followed had broken off before is not known: what it has told is
        // skipped.
        begin(client, container);
      }
    }
    boolean isAtEnd = awaitEnd();
    synchronized (this) {
      write();
      isAtEnd &= following != null && following.problem() == null;
      if (!isAtEnd && !file.isFull()) {
        if (++failures < MAX_FAILURES) {
          throw new EngineUnavailableException("The log does not come to its end", null);
        }
        file.note("[millrace: the log cannot be read to its end]");
      }
      isWhole = true;
      close();
    }
  }

  /** Waits until nothing more comes; false if that takes too long. Meanwhile others may write. */
  private boolean awaitEnd() throws InterruptedException {
    DockerAnswer now;
    synchronized (this) {
      now = following;
    }
    return now == null || now.awaitEnd(DRAIN);
  }

  /** Writes what has come. */
  synchronized void write() throws IOException {
    if (!batch.isEmpty()) {
      Iterator<FetchedLog.Piece> pieces = List.copyOf(batch).iterator();
      batch.clear();
      batchBytes = 0;
      file.pull(
          _ ->
              new FetchedLog.Pieces() {
                @Override
                public FetchedLog.@Nullable Piece next() {
                  return pieces.hasNext() ? pieces.next() : null;
                }

                @Override
                public void close() {}
              });
    }
    if (following != null && file.isFull()) {
      close();
    }
  }

  /** Stops following; nothing that has come is lost, as it comes again. */
  @Override
  public synchronized void close() {
    if (following != null) {
      following.close();
      following = null;
    }
    batch.clear();
    batchBytes = 0;
  }

  private void begin(DockerHttpClient client, String container) throws IOException {
    if (file.isFull()) {
      return;
    }
    DockerAnswer begun = new DockerAnswer();
    following = begun;
    begun.begin(client, container, file.time(), piece -> take(begun, piece));
  }

  private synchronized void take(DockerAnswer from, FetchedLog.Piece piece) {
    if (from != following) {
      return;
    }
    batch.add(piece);
    batchBytes += piece.bytes().length;
    if (batchBytes >= BATCH_BYTES) {
      try {
        write();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
