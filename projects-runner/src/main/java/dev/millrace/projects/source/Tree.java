package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;

/** The folder that an archive is unpacked into. Nothing is ever written outside of it. */
final class Tree {

  private static final int BUFFER = 1 << 16;

  private final Path root;
  private final Allowance allowance;

  Tree(Path root, Allowance allowance) {
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
   * Writes a file.
   *
   * @param isProgram whether it may be executed
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
    // Of two with one name the later one stays.
    Files.deleteIfExists(file);
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        allowance.addBytes(count);
        out.write(buffer, 0, count);
      }
    }
    if (isProgram) {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
      rights.add(PosixFilePermission.OWNER_EXECUTE);
      Files.setPosixFilePermissions(file, rights);
    }
  }

  static MillraceException refused(String name, String why) {
    return MillraceException.invalidParameter(
        "The archive's member %s %s.".formatted(PythonText.of(name), why));
  }

  private void makeFolders(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw refused(root.relativize(folder).toString(), "is both a file and a folder");
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
