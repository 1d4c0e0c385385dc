package dev.millrace.projects;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Settings of projects-runner; the defaults stand in {@code application-projects-runner.yml}.
 *
 * @param engine what runs projects: {@code local} for processes on this machine, with the rights of
 *     this process; {@code none} refuses snapshots and jobs
 * @param listen where the services listen: {@code in-process:NAME} or {@code HOST:PORT}
 * @param snapshotFolder where uploaded snapshots are kept; runners on several machines have to
 *     share it
 * @param snapshotMaxBytes the largest snapshot taken, in bytes
 */
@ConfigurationProperties("millrace.projects-runner")
public record ProjectsConfiguration(
    String engine, String listen, String snapshotFolder, long snapshotMaxBytes) {

  /**
   * @throws IllegalArgumentException if a setting is malformed
   */
  public ProjectsConfiguration {
    if (!engine.equals("local") && !engine.equals("none")) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.engine has to be local or none, not '%s'".formatted(engine));
    }
    if (snapshotMaxBytes < 1) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.snapshot-max-bytes has to be at least 1, not %d"
              .formatted(snapshotMaxBytes));
    }
  }

  /** Whether projects are run here at all. */
  boolean isOn() {
    return !engine.equals("none");
  }
}
