package dev.millrace.tracking;

import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tracking store: opens its database and serves its nouns by gRPC while it lives. */
@Singleton
public final class TrackingStore {

  private final TrackingConfiguration configuration;
  private @Nullable Database database;
  private @Nullable BatchWriter batchWriter;
  private @Nullable GrpcHost host;

  public TrackingStore(TrackingConfiguration configuration) {
    this.configuration = configuration;
  }

  /**
   * Opens the database, creates experiment 0 if it is new, and starts serving.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws RuntimeException if the database does not open or the address cannot be taken
   */
  @PostConstruct
  void start() {
    DatabaseUrl url = DatabaseUrl.parse(configuration.databaseUrl());
    Target listen = Target.parse(configuration.listen());
    Database opened = Database.open("tracking-store", url, configuration.maxConnections());
    database = opened;
    try {
      Keys keys = new Keys(opened);
      ExperimentStore experimentStore = new ExperimentStore();
      InputStore inputStore = new InputStore();
      RunStore runStore = new RunStore(keys, inputStore);
      DatasetStore datasetStore = new DatasetStore();
      LoggedModelStore modelStore = new LoggedModelStore();
      Experiments experiments =
          new Experiments(opened, experimentStore, runStore, configuration.defaultArtifactRoot());
      Runs runs = new Runs(opened, keys, runStore, experimentStore);
      Inputs inputs = new Inputs(opened, inputStore, datasetStore, runStore, keys);
      Datasets datasets = new Datasets(opened, datasetStore);
      LoggedModels models = new LoggedModels(opened, modelStore, experimentStore);
      Metrics metrics = new Metrics(opened, new MetricStore(keys));
      BatchWriter writer = new BatchWriter(opened, keys, new BatchStore(runStore, models));
      batchWriter = writer;
      Batches batches = new Batches(writer);
      experiments.ensureDefault();
      host =
          GrpcHost.start(
              listen,
              () -> opened.read(tx -> tx.query("SELECT 1", row -> row.intValue(1))),
              new RunAccess(opened, keys, runStore, modelStore),
              List.of(
                  new ExperimentRpc(experiments),
                  new RunRpc(runs, batches, inputs),
                  new MetricRpc(metrics, batches),
                  new DatasetRpc(datasets),
                  new LoggedModelRpc(models)));
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
    if (batchWriter != null) {
      batchWriter.close();
    }
    if (database != null) {
      database.close();
    }
  }
}
