package dev.millrace.projects;

import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.GitSsh;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.nio.file.Path;
import java.util.List;

/**
 * Settings of projects-runner; the defaults stand in {@code application-projects-runner.yml}.
 *
 * @param engine what runs projects: {@code local} for processes on this machine, with the rights of
 *     this process; {@code docker} for containers of a Docker daemon; {@code kubernetes} for Jobs
 *     in a cluster; {@code none} refuses snapshots and jobs
 * @param databaseUrl {@code postgresql://user:password@host:port/database} or {@code
 *     h2:/path/to/file}
 * @param listen where the services listen: {@code in-process:NAME} or {@code HOST:PORT}
 * @param trackingStore where tracking-store is, likewise
 * @param maxConnections the most database connections in use at once
 * @param trackingUri the URL at which jobs reach the gateway
 * @param workFolder where the code of running jobs is, and their logs are; of this runner alone, or
 *     of several on the same machine
 * @param snapshotFolder where uploaded snapshots are kept; runners on several machines have to
 *     share it
 * @param snapshotMaxBytes the largest snapshot taken, in bytes
 * @param snapshotRetentionDays how long a snapshot is kept behind its last use; longer if a job or
 *     a schedule needs it
 * @param host a name of this machine by which a runner knows the jobs of the one before it; empty
 *     for the host name
 * @param maxRunning the most jobs that this runner has in hand at once; jobs of jobs are counted by
 *     themselves, at each of five depths
 * @param maxRunningPerUser the most jobs of one user that all runners have in hand at once,
 *     likewise; 0 for no limit
 * @param maxRunningPerWorkspace the most jobs of one workspace that all runners have in hand at
 *     once, likewise; 0 for no limit
 * @param leaseSeconds for how long others leave the jobs of a runner alone that is not heard of
 * @param cancelGraceSeconds how long a command may take to end before it is killed
 * @param logMaxBytes how much of what a command prints is kept, in bytes
 * @param logRetentionDays how long logs are kept
 * @param passEnvironment names of environment variables, comma-separated, that jobs inherit besides
 *     {@code PATH}, {@code HOME}, {@code USER}, {@code LOGNAME}, {@code SHELL}, {@code LANG},
 *     {@code LC_ALL}, {@code TZ} and {@code TMPDIR}
 * @param gitSchemes by which Git repositories may be fetched, comma-separated: {@code https},
 *     {@code ssh}, {@code http}, {@code file}
 * @param gitHosts from which they may, comma-separated; {@code *} for any, {@code *.example.com}
 *     for those below
 * @param gitAllowPrivateHosts whether hosts need not be on the public internet
 * @param gitLogins a file with a URL a line, {@code https://user:password@host}: what is sent to
 *     hosts that ask for a login; empty for none
 * @param gitSshKey a file with a private key without a passphrase, by which this server shows
 *     itself to Git hosts; {@code ssh} needs it
 * @param gitSshKnownHosts a file as OpenSSH's {@code known_hosts}: no other host is talked to by
 *     ssh, which needs it
 * @param uv the program that makes Python environments; empty for the one on the {@code PATH}
 * @param conda the program that makes conda environments, {@code conda}, {@code mamba} or {@code
 *     micromamba}: its path, or its name on the {@code PATH}; empty for the first of these on it
 */
@ConfigurationProperties("millrace.projects-runner")
public record ProjectsConfiguration(
    String engine,
    String databaseUrl,
    String listen,
    String trackingStore,
    int maxConnections,
    String trackingUri,
    String workFolder,
    String snapshotFolder,
    long snapshotMaxBytes,
    int snapshotRetentionDays,
    String host,
    int maxRunning,
    int maxRunningPerUser,
    int maxRunningPerWorkspace,
    int leaseSeconds,
    int cancelGraceSeconds,
    long logMaxBytes,
    int logRetentionDays,
    String passEnvironment,
    String gitSchemes,
    String gitHosts,
    boolean gitAllowPrivateHosts,
    String gitLogins,
    String gitSshKey,
    String gitSshKnownHosts,
    String uv,
    String conda) {

  /**
   * @throws IllegalArgumentException if a setting is malformed
   */
  public ProjectsConfiguration {
    if (!List.of("local", "docker", "kubernetes", "none").contains(engine)) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.engine has to be local, docker, kubernetes or none, not '%s'"
              .formatted(engine));
    }
    check("snapshot-max-bytes", snapshotMaxBytes, 1);
    check("snapshot-retention-days", snapshotRetentionDays, 1);
    check("max-running", maxRunning, 0);
    check("max-running-per-user", maxRunningPerUser, 0);
    check("max-running-per-workspace", maxRunningPerWorkspace, 0);
    check("lease-seconds", leaseSeconds, 1);
    check("cancel-grace-seconds", cancelGraceSeconds, 0);
    check("log-max-bytes", logMaxBytes, 1024);
    check("log-retention-days", logRetentionDays, 0);
  }

  private static void check(String property, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.%s has to be at least %d, not %d"
              .formatted(property, least, value));
    }
  }

  /** How many jobs may be in hand at once. */
  QueueStore.Limits limits() {
    return new QueueStore.Limits(maxRunningPerUser, maxRunningPerWorkspace);
  }

  /** From where Git repositories may be fetched. */
  GitPolicy gitPolicy() {
    return GitPolicy.of(
        gitSchemes,
        gitHosts,
        gitAllowPrivateHosts,
        gitLogins.isEmpty() ? null : Path.of(gitLogins),
        gitSshKey.isEmpty() || gitSshKnownHosts.isEmpty()
            ? null
            : new GitSsh(Path.of(gitSshKey), Path.of(gitSshKnownHosts)));
  }

  /** Whether projects run as processes on this machine. */
  boolean isLocal() {
    return engine.equals("local");
  }

  /** Whether projects run in containers of a Docker daemon. */
  boolean isInDocker() {
    return engine.equals("docker");
  }

  /** Whether projects run as Jobs in a cluster. */
  boolean isInKubernetes() {
    return engine.equals("kubernetes");
  }

  /** Whether projects are run here at all. */
  boolean isOn() {
    return !engine.equals("none");
  }

  /** Without the database's password: safe to print. */
  @Override
  public String toString() {
    return "ProjectsConfiguration[engine=%s, listen=%s, trackingStore=%s, workFolder=%s]"
        .formatted(engine, listen, trackingStore, workFolder);
  }
}
