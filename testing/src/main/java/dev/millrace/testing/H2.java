package dev.millrace.testing;

import java.nio.file.Path;
import java.util.UUID;

/** New H2 databases, as the URLs that users write. */
public final class H2 {

  private H2() {}

  /** A database in memory that lives as long as the JVM. */
  public static String inMemory() {
    return "h2:mem:" + UUID.randomUUID();
  }

  /** A database in files of {@code folder}. */
  public static String in(Path folder) {
    return "h2:" + folder.resolve("millrace-" + UUID.randomUUID());
  }
}
