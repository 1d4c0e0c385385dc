package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;

/** The folder that files are fetched into. Nothing is ever written outside of it. */
final class Tree {

  private static final int BUFFER = 1 << 16;

  private final String subject;
  private final Path root;
  private final Allowance allowance;

  /**
   * @param subject what each file or folder is, for messages: {@code The archive's member}
   */
  Tree(String subject, Path root, Allowance allowance) {
    this.subject = subject;
    this.root = root.toAbsolutePath().normalize();
    this.allowance = allowance;
  }

  Allowance allowance() {
    return allowance;
  }

  void addFolder(String name) throws IOException {
    allowance.addFile();
    makeFolders(path(name));
  }

  /**
   * Writes a file; none is left if that fails.
   *
   * @param isProgram whether it may be executed
   * @throws StorageException if there is no room for it
   */
  void addFile(String name, InputStream content, boolean isProgram) throws IOException {
    allowance.addFile();
    Path file = path(name);
    if (file.equals(root)) {
      throw refused(name, "has no name");
    }
    makeFolders(Objects.requireNonNull(file.getParent()));
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "is both a file and a folder");
    }
    long written = 0;
    try (OutputStream out = create(name, file)) {
      byte[] buffer = new byte[BUFFER];
      for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        allowance.addBytes(count);
        written += count;
        write(out, buffer, count);
      }
    } catch (IOException | RuntimeException e) {
      allowance.giveBack(written);
      discard(file, e);
      throw e;
    }
    if (isProgram) {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
      rights.add(PosixFilePermission.OWNER_EXECUTE);
      Files.setPosixFilePermissions(file, rights);
    }
  }

  private static void discard(Path file, Exception why) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private OutputStream create(String name, Path file) throws IOException {
    try {
      // Of two with one name the later one stays.
      Files.deleteIfExists(file);
      return Files.newOutputStream(file);
    } catch (FileSystemException e) {
      throw failed(name, e);
    }
  }

  private static void write(OutputStream out, byte[] buffer, int count) throws StorageException {
    try {
      out.write(buffer, 0, count);
    } catch (IOException e) {
      throw new StorageException(e);
    }
  }

  /** The error of a name that cannot be one here. */
  MillraceException refused(String name, String why) {
    return MillraceException.invalidParameter(
        "%s %s %s.".formatted(subject, PythonText.of(name), why));
  }

  private void makeFolders(Path folder) throws IOException {
    String name = root.relativize(folder).toString();
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw refused(name, "is both a file and a folder");
    } catch (FileSystemException e) {
      throw failed(name, e);
    }
  }

  /** What is wrong with a name is not this machine's fault. */
  private StorageException failed(String name, FileSystemException e) {
    switch (String.valueOf(e.getReason())) {
      case "File name too long" -> throw refused(name, "has too long a name");
      case "Not a directory" -> throw refused(name, "is both a file and a folder");
      default -> {
        return new StorageException(e);
      }
    }
  }

  private Path path(String name) {
    if (name.startsWith("/") || name.startsWith("\\") || name.indexOf('\0') >= 0) {
      throw refused(name, "attempts path traversal");
    }
    for (String part : name.split("[/\\\\]", -1)) {
      if (part.equals("..")) {
        throw refused(name, "attempts path traversal");
      }
    }
    try {
      Path path = root.resolve(name).normalize();
      if (path.startsWith(root)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // No name for a file, then.
    }
    throw refused(name, "attempts path traversal");
  }
}
