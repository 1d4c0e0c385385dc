package dev.millrace.projects.engine;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The log of a container as Kubernetes gives it: lines that begin with their time. */
final class PodLines implements FetchedLog.Pieces {

  private static final int MAX_LINE = 1 << 20;

  private final InputStream in;
  private final FetchedLog.Numbering numbering = new FetchedLog.Numbering();

  PodLines(InputStream in) {
    this.in = new BufferedInputStream(in);
  }

  @Override
  public FetchedLog.@Nullable Piece next() throws IOException {
    for (byte[] line = line(); line != null; line = line()) {
      int space = 0;
      while (space < line.length && line[space] != ' ') {
        space++;
      }
      Instant time = time(new String(line, 0, space, StandardCharsets.US_ASCII));
      if (time != null) {
        int from = Math.min(space + 1, line.length);
        byte[] text = Arrays.copyOfRange(line, from, line.length + 1);
        text[text.length - 1] = '\n';
        return numbering.next(time, text);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static @Nullable Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      // What a kubelet says itself, and says again the next time, or the end of an endless line.
      return null;
    }
  }

  /** The next line, or as much of it as one may be long; null at the end. */
  private byte @Nullable [] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int value;
    while ((value = in.read()) >= 0 && value != '\n' && line.size() < MAX_LINE) {
      line.write(value);
    }
    if (value < 0 && line.size() == 0) {
      return null;
    }
    if (value >= 0 && value != '\n') {
      line.write(value);
    }
    return line.toByteArray();
  }
}
