package dev.millrace.projects.engine;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How jobs run in containers of Docker.
 *
 * @param host of the daemon, as {@code DOCKER_HOST}; empty for that variable's, or else the usual
 *     socket
 * @param pull when images are fetched from their registry
 * @param pullLimit how long that may take
 * @param answerLimit how long the daemon may take to answer a question; ten times as long to do
 *     something. Then it counts as away
 * @param network that containers are in, as docker's {@code --network} takes it
 * @param user whom commands run as, as docker's {@code --user} takes it; empty for the image's
 * @param pidsLimit the most processes and threads of a container
 * @param shmBytes how much there may be in a container's {@code /dev/shm}
 * @param hostGateway a name by which containers find the daemon's machine; empty for none
 * @param grace how long a command may take to end when it is told to, before it is killed
 * @param logMaxBytes how much of what a command prints is kept
 * @param folder for what is known of attempts; made when it is needed
 */
public record DockerSettings(
    String host,
    Pull pull,
    Duration pullLimit,
    Duration answerLimit,
    String network,
    String user,
    long pidsLimit,
    long shmBytes,
    String hostGateway,
    Duration grace,
    long logMaxBytes,
    Path folder) {

  /** When images are fetched from their registry. */
  public enum Pull {
    /** If they are not there. */
    MISSING,
    /** Each time. */
    ALWAYS,
    /** Not at all. */
    NEVER
  }
}
