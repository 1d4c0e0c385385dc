package dev.millrace.projects.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The container of an attempt. It has no rights but those of its user, and of the machine only what
 * its volumes name; the entry point of its image stays, as with {@code mlflow run}.
 */
final class DockerTemplate {

  private static final double NANOS = 1e9;

  /**
   * How much more Docker keeps of what is printed than goes into the log: each line costs it some
   * thirty bytes, and what follows it loses lines when it begins a new file.
   */
  private static final int LOG_FACTOR = 8;

  private static final long LEAST_LOG = 16 << 20;

  private final DockerSettings settings;
  private final String script;

  DockerTemplate(DockerSettings settings) {
    this.settings = settings;
    try (InputStream text = DockerTemplate.class.getResourceAsStream("container.sh")) {
      script =
          new String(
              Objects.requireNonNull(text, "container.sh").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What makes it. */
  CreateContainerCmd fill(
      DockerClient client, String name, Map<String, String> labels, Launch launch) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(launch.commandInContainer());
    List<String> environment = new ArrayList<>();
    new TreeMap<>(launch.environment()).forEach((key, value) -> environment.add(key + "=" + value));
    CreateContainerCmd create =
        client
            .createContainerCmd(launch.requiredImage())
            .withName(name)
            .withLabels(labels)
            .withCmd(command)
            .withEnv(environment)
            .withWorkingDir(Launch.CODE)
            .withHostConfig(host(launch));
    return settings.user().isEmpty() ? create : create.withUser(settings.user());
  }

  private HostConfig host(Launch launch) {
    HostConfig host =
        HostConfig.newHostConfig()
            .withPrivileged(false)
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"))
            .withPidsLimit(settings.pidsLimit())
            .withShmSize(settings.shmBytes())
            .withNetworkMode(settings.network())
            .withRestartPolicy(RestartPolicy.noRestart())
            .withLogConfig(log())
            .withMounts(launch.volumes().stream().map(DockerTemplate::mount).toList());
    if (!settings.hostGateway().isEmpty()) {
      host.withExtraHosts(settings.hostGateway() + ":host-gateway");
    }
    Resources needed = launch.resources();
    if (needed.cpus() != null) {
      host.withNanoCPUs(Math.round(needed.cpus() * NANOS));
    }
    if (needed.memoryBytes() != null) {
      // The second counts memory and swap together: there is none of the latter.
      host.withMemory(needed.memoryBytes()).withMemorySwap(needed.memoryBytes());
    }
    if (needed.gpus() != null && needed.gpus() > 0) {
      host.withDeviceRequests(
          List.of(
              new DeviceRequest()
                  .withCount(needed.gpus())
                  .withCapabilities(List.of(List.of("gpu")))));
    }
    return host;
  }

  /** Not the daemon's default, which may be one that cannot be read, or grows without end. */
  private LogConfig log() {
    return new LogConfig(
        LogConfig.LoggingType.LOCAL,
        Map.of(
            "max-size",
            Long.toString(Math.max(LEAST_LOG, LOG_FACTOR * settings.logMaxBytes())),
            "max-file",
            "1",
            "compress",
            "false"));
  }

  private static Mount mount(Volume volume) {
    return new Mount()
        .withType(volume.source().startsWith("/") ? MountType.BIND : MountType.VOLUME)
        .withSource(volume.source())
        .withTarget(volume.target())
        .withReadOnly(volume.isReadOnly());
  }
}
