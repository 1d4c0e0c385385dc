package dev.millrace.projects.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where commands run. Whatever is started under a name is started once, goes on when this process
 * ends, in whatever way, and is found again by its name. Each method may throw {@link
 * EngineUnavailableException}, and may then be called again.
 */
public interface Engine {

  /** Where attempts are. Engines of the same site find each other's. */
  String site() throws IOException;

  /**
   * Sees to it that the image of a container is there, before anything is started in it. May take
   * long, and may be interrupted.
   *
   * @return what names this very image, whatever others are called later; null if that is not known
   * @throws IOException if the image cannot be had
   */
  default @Nullable String provide(String name, String image)
      throws IOException, InterruptedException {
    return null;
  }

  /**
   * Starts a command, unless something was started under its name. It is known to have started when
   * this returns.
   *
   * @throws IOException if it cannot be started, or the name was barred
   */
  void start(Launch launch) throws IOException, InterruptedException;

  /**
   * Tells what became of a name, and if nothing was started under it, sees to it that nothing ever
   * will be: also not by a process that was about to.
   */
  Status bar(String name) throws IOException;

  /** What is known of an attempt. */
  Status status(String name) throws IOException;

  /**
   * Sees to it that nothing of an attempt is left: tells it to end, and if it does not, kills it.
   */
  void end(String name) throws IOException, InterruptedException;

  /** Adds a line of Millrace's own to the log of an attempt. */
  void note(String name, String line) throws IOException;

  /**
   * A piece of a log.
   *
   * @param offset in bytes; beyond the end, the piece is empty
   * @param maxBytes at least 4
   */
  LogChunk log(String name, long offset, int maxBytes) throws IOException;

  /** The names of all attempts of which something is known. */
  List<String> names() throws IOException;

  /** How long ago something last happened to an attempt. */
  Duration age(String name) throws IOException;

  /** The code of an attempt, as tar.gz, from where what runs it fetches it; null if it does not. */
  @Nullable Path code(String name);

  /** Forgets an attempt that has ended, with its log. */
  void forget(String name) throws IOException;
}
