package dev.millrace.projects.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks tar files: POSIX ustar with the extensions for long names that GNU tar, Python and pax
 * write. Its format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html.
 */
final class Tar {

  private static final int BLOCK = 512;

  /** No name of a file system is longer; other pax records are small, too. */
  private static final int MAX_EXTENSION_BYTES = 1 << 16;

  private final InputStream in;
  private final Tree tree;

  private Tar(InputStream in, Tree tree) {
    this.in = in;
    this.tree = tree;
  }

  static boolean isTar(byte[] start) {
    return start.length == BLOCK && (isZero(start) || checksum(start) == storedChecksum(start));
  }

  static void unpack(InputStream in, Tree tree) throws IOException {
    new Tar(in, tree).unpack();
  }

  private void unpack() throws IOException {
    Map<String, String> global = new HashMap<>();
    Map<String, String> own = new HashMap<>();
    byte[] header = in.readNBytes(BLOCK);
    while (header.length == BLOCK && !isZero(header)) {
      if (checksum(header) != storedChecksum(header)) {
        throw new MalformedArchiveException("the checksum of a header is wrong");
      }
      long size = number(header, 124, 12);
      switch (header[156]) {
        case 'x' -> readRecords(size, own);
        case 'g' -> readRecords(size, global);
        case 'L' -> own.put("path", untilZero(extension(size)));
        case 'K' -> extension(size);
        default -> {
          String name = own.getOrDefault("path", global.getOrDefault("path", name(header)));
          member(header, name, size(own.get("size"), size));
          own.clear();
        }
      }
      header = in.readNBytes(BLOCK);
    }
    if (header.length > 0 && header.length < BLOCK) {
      throw new MalformedArchiveException("it ends early");
    }
  }

  private void member(byte[] header, String name, long size) throws IOException {
    // Folders have no content, whatever their size says.
    boolean isFolder = header[156] == '5' || (header[156] == 0 && name.endsWith("/"));
    switch (header[156]) {
      case 0, '0', '7', '5' -> {}
      case '1', '2' -> throw tree.refused(name, "is a link");
      default -> throw tree.refused(name, "is neither a file nor a folder");
    }
    if (isFolder) {
      tree.addFolder(name);
      return;
    }
    Content content = new Content(size);
    tree.addFile(name, content, (number(header, 100, 8) & 0111) != 0);
    skip(content.left);
    skipPadding(size);
  }

  /** The bytes of one member. */
  private final class Content extends InputStream {

    private long left;

    Content(long size) {
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int start, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = readSome(buffer, start, (int) Math.min(length, left));
      left -= count;
      return count;
    }
  }

  private int readSome(byte[] buffer, int start, int length) throws IOException {
    int count;
    try {
      count = in.read(buffer, start, length);
    } catch (EOFException e) {
      count = -1;
    } catch (IOException e) {
      throw new MalformedArchiveException(String.valueOf(e.getMessage()));
    }
    if (count < 0) {
      throw new MalformedArchiveException("it ends early");
    }
    return count;
  }

  private void readRecords(long size, Map<String, String> records) throws IOException {
    byte[] bytes = extension(size);
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9') {
        space++;
      }
      if (space == at || space - at > 6 || space == bytes.length || bytes[space] != ' ') {
        throw new MalformedArchiveException("a pax record has no length");
      }
      int end = at + Integer.parseInt(ascii(bytes, at, space));
      if (end <= space + 1 || end > bytes.length) {
        throw new MalformedArchiveException("a pax record has a wrong length");
      }
      String record = new String(bytes, space + 1, end - 1 - (space + 1), StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals < 0) {
        throw new MalformedArchiveException("a pax record has no value");
      }
      records.put(record.substring(0, equals), record.substring(equals + 1));
      at = end;
    }
  }

  private byte[] extension(long size) throws IOException {
    if (size > MAX_EXTENSION_BYTES) {
      throw new MalformedArchiveException("an extended header is too long");
    }
    tree.allowance().addFile();
    byte[] bytes = new byte[(int) size];
    int have = 0;
    while (have < bytes.length) {
      have += readSome(bytes, have, bytes.length - have);
    }
    skipPadding(size);
    return bytes;
  }

  private void skip(long count) throws IOException {
    byte[] buffer = new byte[BLOCK];
    long left = count;
    while (left > 0) {
      int read = readSome(buffer, 0, (int) Math.min(left, buffer.length));
      tree.allowance().addBytes(read);
      left -= read;
    }
  }

  private void skipPadding(long size) throws IOException {
    skip((BLOCK - size % BLOCK) % BLOCK);
  }

  private static long size(@Nullable String own, long size) throws MalformedArchiveException {
    if (own == null) {
      return size;
    }
    if (!own.matches("[0-9]{1,18}")) {
      throw new MalformedArchiveException("a pax record has a wrong size");
    }
    return Long.parseLong(own);
  }

  private static String name(byte[] header) {
    String name = untilZero(header, 0, 100);
    boolean isPosix = ascii(header, 257, 262).equals("ustar") && header[262] == 0;
    String prefix = isPosix ? untilZero(header, 345, 500) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** Octal digits, or, with the highest bit set, GNU tar's big-endian binary. */
  private static long number(byte[] header, int start, int length)
      throws MalformedArchiveException {
    if ((header[start] & 0x80) != 0) {
      long value = header[start] & 0x7f;
      for (int i = start + 1; i < start + length; i++) {
        if (value >= 1L << 54) {
          throw new MalformedArchiveException("a number is too large");
        }
        value = (value << 8) | (header[i] & 0xff);
      }
      return value;
    }
    String digits = untilZero(header, start, start + length).strip();
    if (!digits.matches("[0-7]{0,12}")) {
      throw new MalformedArchiveException("a number is malformed");
    }
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }

  private static int checksum(byte[] header) {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    return sum;
  }

  private static long storedChecksum(byte[] header) {
    try {
      return number(header, 148, 8);
    } catch (MalformedArchiveException e) {
      return -1;
    }
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static String untilZero(byte[] bytes) {
    return untilZero(bytes, 0, bytes.length);
  }

  private static String untilZero(byte[] bytes, int start, int end) {
    int zero = start;
    while (zero < end && bytes[zero] != 0) {
      zero++;
    }
    return new String(bytes, start, zero - start, StandardCharsets.UTF_8);
  }

  private static String ascii(byte[] bytes, int start, int end) {
    return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
  }
}
