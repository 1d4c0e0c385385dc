package dev.millrace.projects;

import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The runner of projects: serves its nouns by gRPC while it lives. */
@Singleton
public final class ProjectsRunner {

  private final ProjectsConfiguration configuration;
  private @Nullable GrpcHost host;

  public ProjectsRunner(ProjectsConfiguration configuration) {
    this.configuration = configuration;
  }

  /**
   * Starts serving.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws RuntimeException if the address cannot be taken
   */
  @PostConstruct
  void start() {
    Snapshots snapshots =
        new Snapshots(
            Path.of(configuration.snapshotFolder()),
            configuration.snapshotMaxBytes(),
            configuration.isOn());
    host =
        GrpcHost.start(
            Target.parse(configuration.listen()), () -> {}, List.of(new SnapshotRpc(snapshots)));
  }

  /** The TCP port it listens on, or -1 in process. */
  public int port() {
    return host == null ? -1 : host.port();
  }

  /** Lets calls under way end. */
  @PreDestroy
  void stop() {
    if (host != null) {
      host.close();
    }
  }
}
