package dev.millrace.projects;

import dev.millrace.projects.environment.FolderTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Folders with the code of jobs, one for each attempt, in which its command runs. They are gone
 * when the attempt has ended.
 */
final class CodeFolders {

  private static final String CHECK = "check-";
  private static final long CHECK_MILLIS = 3_600_000;

  private final Path folder;

  CodeFolders(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** A new, empty folder; whatever had that name is gone. */
  Path make(String name) throws IOException {
    delete(name);
    return Files.createDirectories(folder.resolve(name));
  }

  /** A name for a folder that belongs to no attempt. */
  static String newCheck() {
    return CHECK + UUID.randomUUID();
  }

  /** The names of the folders of attempts, and of others that have been forgotten. */
  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder)) {
      for (Path each : folders) {
        String name = each.getFileName().toString();
        long age = System.currentTimeMillis() - Files.getLastModifiedTime(each).toMillis();
        if (!name.startsWith(CHECK) || age > CHECK_MILLIS) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return names;
  }

  /** Deletes a folder, if it is there; links are deleted, not followed. */
  void delete(String name) throws IOException {
    FolderTree.delete(folder.resolve(name));
  }
}
