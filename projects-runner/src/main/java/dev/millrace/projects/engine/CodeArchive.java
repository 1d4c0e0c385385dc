package dev.millrace.projects.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A folder as tar.gz: files, folders and links, with what may be executed. Owners and times are not
 * kept. Names that are too long for tar's header go the way of GNU tar, which busybox reads too.
 *
 * @param prefix of all names
 * @param common the rights that everybody gets
 */
record CodeArchive(OutputStream out, String prefix, int common) {

  private static final int BLOCK = 512;
  private static final int MAX_NAME = 100;
  private static final byte[] ZEROS = new byte[BLOCK];

  /** Packs a folder into a file, which appears when it is whole. */
  static void pack(Path folder, Path file) throws IOException {
    write(file, out -> new CodeArchive(out, "", 0).addAll(folder));
  }

  /**
   * Packs a folder into a file, which appears when it is whole, as a folder in which everybody may
   * write, beside an empty one.
   */
  static void packShared(Path folder, String name, String empty, Path file) throws IOException {
    write(
        file,
        out -> {
          CodeArchive archive = new CodeArchive(out, "", 0666);
          archive.addFolder(empty);
          archive.addFolder(name);
          new CodeArchive(out, name + "/", 0666).addAll(folder);
        });
  }

  /** Writes the entries of an archive. */
  @FunctionalInterface
  private interface Entries {
    void write(OutputStream out) throws IOException;
  }

  private static void write(Path file, Entries entries) throws IOException {
    Files.createDirectories(file.getParent());
    Path made = file.resolveSibling("." + UUID.randomUUID());
    try {
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(made))) {
        entries.write(out);
        out.write(ZEROS);
        out.write(ZEROS);
      }
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private void addAll(Path folder) throws IOException {
    List<Path> entries;
    try (Stream<Path> all = Files.walk(folder)) {
      entries = all.filter(entry -> !entry.equals(folder)).sorted().toList();
    }
    for (Path entry : entries) {
      add(folder, entry);
    }
  }

  private void addFolder(String name) throws IOException {
    header(prefix + name + "/", 0777, 0, '5', new byte[0]);
  }

  private void add(Path folder, Path entry) throws IOException {
    String name = prefix + folder.relativize(entry);
    if (Files.isSymbolicLink(entry)) {
      byte[] target = Files.readSymbolicLink(entry).toString().getBytes(StandardCharsets.UTF_8);
      if (target.length > MAX_NAME) {
        longText('K', target);
      }
      header(name, 0777, 0, '2', target);
    } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      header(name + "/", 0755 | common, 0, '5', new byte[0]);
    } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
      long size = Files.size(entry);
      header(name, (Files.isExecutable(entry) ? 0755 : 0644) | common, size, '0', new byte[0]);
      long copied = Files.copy(entry, out);
      if (copied != size) {
        throw new IOException("A file changed while it was packed: " + name);
      }
      pad(size);
    }
  }

  private void longText(char type, byte[] text) throws IOException {
    header("././@LongLink", 0644, text.length + 1L, type, new byte[0]);
    out.write(text);
    out.write(0);
    pad(text.length + 1L);
  }

  private void header(String path, int mode, long size, char type, byte[] link) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_NAME) {
      longText('L', name);
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name, MAX_NAME);
    put(header, 100, octal(mode, 7), 8);
    put(header, 108, octal(0, 7), 8);
    put(header, 116, octal(0, 7), 8);
    put(header, 124, octal(size, 11), 12);
    put(header, 136, octal(0, 11), 12);
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = (byte) type;
    put(header, 157, link, MAX_NAME);
    put(header, 257, "ustar  ".getBytes(StandardCharsets.US_ASCII), 8);
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, octal(sum, 6), 7);
    out.write(header);
  }

  private static byte[] octal(long value, int digits) {
    return ("%0" + digits + "o").formatted(value).getBytes(StandardCharsets.US_ASCII);
  }

  private static void put(byte[] header, int at, byte[] text, int most) {
    System.arraycopy(text, 0, header, at, Math.min(text.length, most));
  }

  private void pad(long size) throws IOException {
    out.write(ZEROS, 0, (int) ((BLOCK - size % BLOCK) % BLOCK));
  }
}
