package dev.millrace.projects.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A file that is made once, with its content, by whoever comes first. */
record OnceFile(Path path) {

  /** Makes it; false if there is one. */
  boolean create(String content) throws IOException {
    Files.createDirectories(path.getParent());
    Path made = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID());
    Files.write(made, content.getBytes(StandardCharsets.UTF_8));
    try {
      // Unlike a move, a link never replaces what is there.
      Files.createLink(path, made);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.delete(made);
    }
  }

  /** Its content; null if there is none. */
  @Nullable String read() throws IOException {
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Its content, which is a random name if it has to be made. */
  String name() throws IOException {
    String known = read();
    if (known != null) {
      return known;
    }
    boolean _ = create(UUID.randomUUID().toString());
    return Files.readString(path);
  }
}
