package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files that describe a project. They are a stranger's: none of them may be outside of what was
 * fetched, wherever its links lead.
 *
 * @param folder the project's
 * @param root of what was fetched: the folder, or one above it
 */
record ProjectFiles(Path folder, Path root) {

  private static final long MAX_BYTES = 1 << 20;

  /**
   * A file that must be there.
   *
   * @param name as the project has it, for messages
   */
  Path find(Path file, String what, String name) {
    try {
      Path real = file.toRealPath();
      if (real.startsWith(root.toRealPath())) {
        return file.normalize();
      }
    } catch (IOException e) {
      // Is not there, then.
    }
    throw MillraceException.invalidParameter(
        "Project specified %s %s, but no such file was found.".formatted(what, name));
  }

  /** The text of a file. */
  String text(Path file) {
    try {
      if (!Files.isRegularFile(file) || !file.toRealPath().startsWith(root.toRealPath())) {
        throw MillraceException.invalidParameter(name(file) + " is no file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw MillraceException.invalidParameter(
            "%s is larger than %d bytes".formatted(name(file), MAX_BYTES));
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw MillraceException.invalidParameter(name(file) + " is not UTF-8");
    } catch (IOException e) {
      throw MillraceException.invalidParameter(name(file) + " cannot be read");
    }
  }

  /** Its name within the project. */
  String name(Path file) {
    return file.startsWith(folder) ? folder.relativize(file).toString() : file.getFileName() + "";
  }
}
