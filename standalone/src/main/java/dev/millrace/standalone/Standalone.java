package dev.millrace.standalone;

import dev.millrace.artifact.ArtifactStore;
import dev.millrace.gateway.Gateway;
import dev.millrace.projects.ProjectsRunner;
import dev.millrace.registry.RegistryService;
import dev.millrace.tracking.TrackingStore;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.PropertySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The running platform: every service on one Micronaut context, the gateway started behind those it
 * needs. What runs projects comes last, as it tells its jobs where the gateway is.
 */
final class Standalone implements AutoCloseable {

  /** Where application-standalone.yml finds the gateway's URL, whose port may be a free one. */
  private static final String GATEWAY_URL = "millrace.gateway-url";

  private final ApplicationContext context;
  private final Optional<DataFolder> dataFolder;
  private final Settings settings;
  private final String url;

  private Standalone(
      ApplicationContext context, Optional<DataFolder> dataFolder, Settings settings, String url) {
    this.context = context;
    this.dataFolder = dataFolder;
    this.settings = settings;
    this.url = url;
  }

  /**
   * Starts all services; they answer when it returns.
   *
   * @throws StartException if one of them cannot start; nothing is left running then
   */
  static Standalone start(Options options) throws StartException {
    Optional<DataFolder> dataFolder =
        options.useDataFolder() ? Optional.of(DataFolder.take(options.data())) : Optional.empty();
    ApplicationContext context =
        ApplicationContext.builder()
            .deduceEnvironment(false)
            .deduceCloudEnvironment(false)
            // Each names an application-X.yml; standalone's outranks those of the services.
            .environments(
                "tracking-store",
                "registry-service",
                "artifact-store",
                "projects-runner",
                "gateway",
                "standalone")
            .properties(options.properties())
            .start();
    Settings settings = Settings.of(context.getEnvironment());
    try {
      startAtOnce(context, TrackingStore.class, RegistryService.class, ArtifactStore.class);
      String url = settings.url(context.getBean(Gateway.class).port());
      context
          .getEnvironment()
          .addPropertySource(PropertySource.of("gateway", Map.of(GATEWAY_URL, url)));
      context.getBean(ProjectsRunner.class);
      return new Standalone(context, dataFolder, settings, url);
    } catch (RuntimeException e) {
      context.close();
      dataFolder.ifPresent(DataFolder::close);
      throw Explanation.of(e, settings);
    }
  }

  /**
   * Starts services side by side, as each waits for its database. They have ended to start, in
   * whatever way, when it returns.
   */
  private static void startAtOnce(ApplicationContext context, Class<?>... services) {
    List<Future<?>> starts = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(services.length)) {
      for (Class<?> service : services) {
        starts.add(threads.submit(() -> context.getBean(service)));
      }
    }
    for (Future<?> start : starts) {
      if (start.state() == Future.State.FAILED) {
        throw new IllegalStateException("A service does not start", start.exceptionNow());
      }
    }
  }

  /** The configuration in force. */
  Settings settings() {
    return settings;
  }

  /** Where clients on this machine reach it. */
  String url() {
    return url;
  }

  /** Takes no new requests, lets those under way end, and closes the stores. */
  @Override
  public void close() {
    // The gateway goes first: requests under way still need the services.
    context.destroyBean(Gateway.class);
    context.destroyBean(ProjectsRunner.class);
    context.destroyBean(ArtifactStore.class);
    context.destroyBean(RegistryService.class);
    context.destroyBean(TrackingStore.class);
    context.close();
    dataFolder.ifPresent(DataFolder::close);
  }
}
