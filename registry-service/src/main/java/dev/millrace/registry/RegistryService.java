package dev.millrace.registry;

import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import io.grpc.ManagedChannel;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The registry: opens its database and serves its nouns by gRPC while it lives. */
@Singleton
public final class RegistryService {

  private final RegistryConfiguration configuration;
  private final WebhookConfiguration webhookConfiguration;
  private @Nullable Database database;
  private @Nullable ManagedChannel trackingStore;
  private @Nullable WebhookSender webhookSender;
  private @Nullable VersionWriter versionWriter;
  private @Nullable DeliveryRunner deliveryRunner;
  private @Nullable GrpcHost host;

  public RegistryService(
      RegistryConfiguration configuration, WebhookConfiguration webhookConfiguration) {
    this.configuration = configuration;
    this.webhookConfiguration = webhookConfiguration;
  }

  /**
   * Opens the database and starts serving. The tracking store need not be there yet.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws RuntimeException if the database does not open or the address cannot be taken
   */
  @PostConstruct
  void start() {
    DatabaseUrl url = DatabaseUrl.parse(configuration.databaseUrl());
    Target listen = Target.parse(configuration.listen());
    Target tracking = Target.parse(configuration.trackingStore());
    SourcePolicy policy = SourcePolicy.of(configuration);
    Database opened = Database.open("registry-service", url, configuration.maxConnections());
    database = opened;
    try {
      ManagedChannel channel = tracking.connect();
      trackingStore = channel;
      WebhookTargets targets =
          new WebhookTargets(
              webhookConfiguration.webhookAllowedSchemes(),
              webhookConfiguration.webhookAllowPrivateTargets(),
              new SystemResolver());
      WebhookSecrets secrets = new WebhookSecrets(WebhookKey.of(webhookConfiguration));
      WebhookSender sender =
          new WebhookSender(
              targets, Duration.ofSeconds(webhookConfiguration.webhookTimeoutSeconds()));
      webhookSender = sender;
      WebhookStore webhookStore = new WebhookStore();
      DeliveryStore deliveryStore = new DeliveryStore();
      DeliveryRunner runner =
          new DeliveryRunner(
              opened, deliveryStore, webhookStore, secrets, sender, webhookConfiguration);
      Webhooks webhooks =
          new Webhooks(opened, webhookStore, deliveryStore, targets, secrets, sender);
      Changes changes =
          new Changes(opened, new ChangeStore(), new Deliveries(deliveryStore, runner::hint));
      ModelVersionStore versionStore = new ModelVersionStore();
      RegisteredModelStore modelStore = new RegisteredModelStore(versionStore);
      RegisteredModels models = new RegisteredModels(opened, modelStore, versionStore, changes);
      TrackingClient tracker = new TrackingClient(channel);
      VersionWriter writer = new VersionWriter(opened, versionStore, modelStore, changes);
      versionWriter = writer;
      Registrations registrations =
          new Registrations(opened, versionStore, modelStore, writer, tracker, policy);
      ModelVersions versions = new ModelVersions(opened, versionStore, modelStore, changes);
      host =
          GrpcHost.start(
              listen,
              () -> opened.read(tx -> tx.query("SELECT 1", row -> row.intValue(1))),
              new RegistryAccess(versions, tracker),
              List.of(
                  new RegisteredModelRpc(models),
                  new ModelVersionRpc(registrations, versions),
                  new RegistryHistoryRpc(changes),
                  new WebhookRpc(webhooks)));
      if (webhookConfiguration.webhookMaxConcurrency() > 0) {
        deliveryRunner = runner;
        runner.start();
      }
    } catch (RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** The TCP port it listens on, or -1 in process. */
  public int port() {
    return host == null ? -1 : host.port();
  }

  /** The database, for tests that count statements. */
  Database database() {
    if (database == null) {
      throw new IllegalStateException("Not started");
    }
    return database;
  }

  /** Lets calls under way end, then closes the database. */
  @PreDestroy
  void stop() {
    if (host != null) {
      host.close();
    }
    if (versionWriter != null) {
      versionWriter.close();
    }
    if (deliveryRunner != null) {
      deliveryRunner.close();
    }
    if (webhookSender != null) {
      webhookSender.close();
    }
    if (trackingStore != null) {
      trackingStore.shutdownNow();
    }
    if (database != null) {
      database.close();
    }
  }
}
