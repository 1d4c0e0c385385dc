package dev.millrace.projects;

import dev.millrace.projects.engine.DockerSettings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Settings of projects-runner that count where its engine is {@code docker}; the defaults stand in
 * {@code application-projects-runner.yml}.
 *
 * @param dockerHost the daemon's address, {@code unix:///path} or {@code tcp://host:port}; empty
 *     for {@code DOCKER_HOST}, or else the usual socket. {@code DOCKER_TLS_VERIFY} and {@code
 *     DOCKER_CERT_PATH} count as for the command docker
 * @param dockerImage for projects without {@code docker_env}; empty to refuse these
 * @param dockerPull when images are fetched from their registry: {@code missing}, {@code always},
 *     {@code never}
 * @param dockerPullSeconds how long that may take
 * @param dockerAnswerSeconds how long the daemon may take to answer a question, and a tenth of how
 *     long it may take to make, fill, start or remove a container; then it counts as away, and is
 *     asked again
 * @param dockerNetwork that containers are in, as docker's {@code --network} takes it; {@code host}
 *     is no isolation
 * @param dockerUser whom commands run as, {@code uid:gid}; empty for the image's user, as a rule
 *     root, who has no more rights than another in these containers
 * @param dockerVolumes which volumes of {@code docker_env} are mounted, comma-separated: absolute
 *     paths on the daemon's machine, or names of volumes; with {@code :ro} always read-only
 * @param dockerPidsLimit the most processes and threads of a container
 * @param dockerShmBytes the size of a container's {@code /dev/shm}, in bytes
 */
@ConfigurationProperties("millrace.projects-runner")
public record DockerConfiguration(
    String dockerHost,
    String dockerImage,
    String dockerPull,
    int dockerPullSeconds,
    int dockerAnswerSeconds,
    String dockerNetwork,
    String dockerUser,
    String dockerVolumes,
    long dockerPidsLimit,
    long dockerShmBytes) {

  private static final String PREFIX = "millrace.projects-runner.";

  /** By this name containers find the machine they run on. */
  private static final String HOST_GATEWAY = "host.docker.internal";

  private static final String HOST_NETWORK = "host";

  /**
   * @throws IllegalArgumentException if a setting is malformed
   */
  public DockerConfiguration {
    if (!List.of("missing", "always", "never").contains(dockerPull)) {
      throw new IllegalArgumentException(
          PREFIX
              + "docker-pull has to be missing, always or never, not '%s'".formatted(dockerPull));
    }
    check("docker-pull-seconds", dockerPullSeconds, 1);
    check("docker-answer-seconds", dockerAnswerSeconds, 1);
    check("docker-pids-limit", dockerPidsLimit, 16);
    check("docker-shm-bytes", dockerShmBytes, 65536);
    if (dockerNetwork.isBlank()) {
      throw new IllegalArgumentException(PREFIX + "docker-network has to be named");
    }
    try {
      Volumes _ = Volumes.of(dockerVolumes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(PREFIX + "docker-volumes: " + e.getMessage(), e);
    }
  }

  private static void check(String property, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          PREFIX + "%s has to be at least %d, not %d".formatted(property, least, value));
    }
  }

  /** Which volumes of projects are mounted. */
  Volumes volumes() {
    return Volumes.of(dockerVolumes);
  }

  /**
   * For the engine, with what the other settings say.
   *
   * @throws IllegalArgumentException if containers cannot reach the gateway
   */
  DockerSettings settings(ProjectsConfiguration configuration) {
    String gateway = gatewayHost(configuration.trackingUri());
    if (isLoopback(gateway) && !dockerNetwork.equals(HOST_NETWORK)) {
      throw new IllegalArgumentException(
          ("Containers in the network '%s' cannot reach this server at %s: set %stracking-uri to"
               + " where they can (http://%s:PORT for a server that listens on that address, too),"
               + " or %sdocker-network to host.")
              .formatted(dockerNetwork, configuration.trackingUri(), PREFIX, HOST_GATEWAY, PREFIX));
    }
    boolean needsGateway = gateway.equals(HOST_GATEWAY) && !dockerNetwork.equals(HOST_NETWORK);
    return new DockerSettings(
        dockerHost,
        DockerSettings.Pull.valueOf(dockerPull.toUpperCase(Locale.ROOT)),
        Duration.ofSeconds(dockerPullSeconds),
        Duration.ofSeconds(dockerAnswerSeconds),
        dockerNetwork,
        dockerUser,
        dockerPidsLimit,
        dockerShmBytes,
        needsGateway ? HOST_GATEWAY : "",
        Duration.ofSeconds(configuration.cancelGraceSeconds()),
        configuration.logMaxBytes(),
        Path.of(configuration.workFolder()).toAbsolutePath().normalize().resolve("attempts"));
  }

  private static String gatewayHost(String trackingUri) {
    String host = URI.create(trackingUri).getHost();
    return host == null ? "" : host;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
