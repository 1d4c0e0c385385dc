package dev.millrace.projects.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/**
 * The folder of an environment: made by whoever needs it first, and found by all others. One that
 * was not finished is made anew.
 */
final class EnvironmentFolder {

  /**
   * Says that an environment is whole. An environment cannot be made elsewhere and moved: its
   * programs name their folder.
   */
  private static final String COMPLETE = "millrace-complete";

  private EnvironmentFolder() {}

  /** Makes what is in the folder. */
  @FunctionalInterface
  interface Maker {
    void make() throws IOException, InterruptedException;
  }

  /** Has it made, unless it is there. What the maker leaves when it fails is deleted. */
  static void ensure(Path place, BuildLog log, Maker maker)
      throws IOException, InterruptedException {
    String name = place.getFileName() + "";
    try (FolderLock _ = FolderLock.take(place.resolveSibling("." + name + ".lock"))) {
      if (Files.exists(place.resolve(COMPLETE))) {
        log.add("The environment %s is there already".formatted(name));
        return;
      }
      endMakers(place);
      FolderTree.delete(place);
      log.add("Making the environment " + name);
      boolean done = false;
      try {
        maker.make();
        // By a rename, so that it is there wholly or not at all.
        Path sign = Files.createTempFile(place, COMPLETE, ".tmp");
        Files.move(sign, place.resolve(COMPLETE), StandardCopyOption.ATOMIC_MOVE);
        done = true;
      } finally {
        if (!done) {
          FolderTree.delete(place);
        }
      }
    }
  }

  /**
   * Ends what a runner that was killed has left at work on the folder: whoever has the lock is the
   * only one who may write there.
   */
  private static void endMakers(Path place) {
    String path = place.toString();
    ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(
            process ->
                process.info().arguments().stream()
                    .flatMap(Arrays::stream)
                    .anyMatch(word -> word.equals(path) || word.startsWith(path + "/")))
        .forEach(Tool::kill);
  }
}
