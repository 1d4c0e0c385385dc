package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import io.grpc.ManagedChannel;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The artifact store: opens the directory or bucket and serves it by gRPC while it lives. */
@Singleton
public final class ArtifactStore {

  private final ArtifactStoreConfiguration configuration;
  private @Nullable Storage storage;
  private @Nullable ManagedChannel trackingStore;
  private @Nullable GrpcHost host;

  public ArtifactStore(ArtifactStoreConfiguration configuration) {
    this.configuration = configuration;
  }

  /**
   * Opens the store, looks whether it answers, and starts serving.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws MillraceException if the store does not answer
   * @throws RuntimeException if the directory cannot be written or the address cannot be taken
   */
  @PostConstruct
  void start() {
    Target listen = Target.parse(configuration.listen());
    Target tracking = Target.parse(configuration.trackingStore());
    Storage opened = open();
    storage = opened;
    try {
      opened.check();
      ManagedChannel channel = tracking.connect();
      trackingStore = channel;
      Artifacts artifacts = new Artifacts(opened);
      Owners owners = new Owners(channel, artifacts);
      host =
          GrpcHost.start(
              listen,
              artifacts::check,
              new ArtifactAccess(artifacts, owners),
              List.of(new ArtifactRpc(artifacts, owners)));
    } catch (RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** The TCP port it listens on, or -1 in process. */
  public int port() {
    return host == null ? -1 : host.port();
  }

  /** Lets calls under way end, then closes the store. */
  @PreDestroy
  void stop() {
    if (host != null) {
      host.close();
    }
    if (trackingStore != null) {
      trackingStore.shutdownNow();
    }
    if (storage != null) {
      storage.close();
    }
  }

  private Storage open() {
    String location = configuration.location();
    return location.startsWith("s3://")
        ? S3Storage.open(Uri.parse(location), new S3Client(configuration), S3Storage.PAGE_KEYS)
        : DiskStorage.open(Path.of(location));
  }
}
