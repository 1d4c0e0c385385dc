package dev.millrace.projects.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a container prints, as the daemon tells it: in frames, each with a line, or a part of one
 * that is long, behind its time. A thread reads it. docker-java's own reader takes a frame for
 * several when it comes in parts, of which only the first has the time.
 */
final class DockerAnswer implements AutoCloseable {

  private static final int OK = 200;
  private static final int HEADER = 8;

  private static final int MAX_FRAME = 1 << 20;

  /** Into parts of that size Docker cuts long lines, in bytes. */
  private static final int PART = 16 << 10;

  private final CountDownLatch end = new CountDownLatch(1);
  private final FetchedLog.Numbering numbering = new FetchedLog.Numbering();
  private volatile @Nullable Thread reader;
  private volatile @Nullable Response response;
  private volatile @Nullable Exception problem;
  private volatile boolean isClosed;

  /**
   * Begins to read.
   *
   * @param container its id or name
   * @param since what was printed before that second does not come; null for all
   * @param receiver of what comes; not called any more when this is closed
   */
  void begin(
      DockerHttpClient client,
      String container,
      @Nullable Instant since,
      Consumer<FetchedLog.Piece> receiver) {
    Request request =
        Request.builder()
            .method(Request.Method.GET)
            .path(
                "/containers/%s/logs?follow=1&stdout=1&stderr=1&timestamps=1%s"
                    .formatted(container, since == null ? "" : "&since=" + since.getEpochSecond()))
            .build();
    reader =
        Thread.ofVirtual()
            .name("log-" + container)
            .start(
                () -> {
                  try {
                    read(client, request, receiver);
                  } catch (IOException | RuntimeException e) {
                    problem = e;
                  } finally {
                    end.countDown();
                  }
                });
  }

  private void read(DockerHttpClient client, Request request, Consumer<FetchedLog.Piece> receiver)
      throws IOException {
    try (Response opened = client.execute(request)) {
      response = opened;
      InputStream in = opened.getBody();
      if (opened.getStatusCode() != OK) {
        throw new IOException("Docker answers with status " + opened.getStatusCode());
      }
      byte[] header = in.readNBytes(HEADER);
      while (header.length == HEADER && !isClosed) {
        int length = ByteBuffer.wrap(header).getInt(HEADER - Integer.BYTES);
        if (length < 0 || length > MAX_FRAME) {
          throw new IOException("Docker sends a frame of %d bytes".formatted(length));
        }
        byte[] frame = in.readNBytes(length);
        if (frame.length < length) {
          throw new EOFException("The log ends within a line");
        }
        FetchedLog.Piece piece = piece(frame);
        if (piece != null) {
          receiver.accept(piece);
        }
        header = in.readNBytes(HEADER);
      }
    }
  }

  private FetchedLog.@Nullable Piece piece(byte[] frame) {
    int space = 0;
    while (space < frame.length && frame[space] != ' ') {
      space++;
    }
    int from = Math.min(space + 1, frame.length);
    int length = frame.length - from;
    // Behind the last part of a long line, Docker 20.10's driver "local" has lost the line's end.
    boolean isCut = length > 0 && length < PART && frame[frame.length - 1] != '\n';
    byte[] text = Arrays.copyOfRange(frame, from, frame.length + (isCut ? 1 : 0));
    if (isCut) {
      text[length] = '\n';
    }
    try {
      return numbering.next(
          Instant.parse(new String(frame, 0, space, StandardCharsets.US_ASCII)), text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Why it broke off; null if it did not. */
  @Nullable Exception problem() {
    return problem;
  }

  /** Whether nothing more comes. */
  boolean isOver() {
    return end.getCount() == 0;
  }

  /** Waits until nothing more comes, at most so long; false if that was too short. */
  boolean awaitEnd(Duration time) throws InterruptedException {
    return end.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** To be closed where nothing that comes is taken any more: the reader is interrupted. */
  @Override
  public void close() {
    isClosed = true;
    Response opened = response;
    if (opened != null) {
      opened.close();
    }
    Thread begun = reader;
    if (begun != null) {
      // A daemon that has not begun to answer is not waited for.
      begun.interrupt();
    }
  }
}
