package dev.millrace.projects;

import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.engine.DockerEngine;
import dev.millrace.projects.engine.Engine;
import dev.millrace.projects.engine.KubernetesEngine;
import dev.millrace.projects.engine.LocalEngine;
import dev.millrace.projects.environment.CondaEnvironments;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.source.SourceLimits;
import io.grpc.ManagedChannel;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The runner of projects: opens its database, serves its nouns by gRPC while it lives, and works on
 * the queue. Jobs that run when it stops go on, and the next one finds them.
 */
@Singleton
public final class ProjectsRunner {

  /** What a command needs of this process's environment, and may know. */
  private static final List<String> ENVIRONMENT =
      List.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR");

  /** How long making a Python environment may take. */
  private static final Duration ENVIRONMENT_LIMIT = Duration.ofMinutes(30);

  private final ProjectsConfiguration configuration;
  private final DockerConfiguration docker;
  private final KubernetesConfiguration kubernetes;
  private final Preparer preparer;
  private final Inspector inspector;
  private final Snapshots snapshots;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private @Nullable Database database;
  private @Nullable Worker worker;
  private @Nullable Runnable disconnect;
  private @Nullable GrpcHost host;

  /** For {@code configuration}. */
  @Inject
  public ProjectsRunner(
      ProjectsConfiguration configuration,
      DockerConfiguration docker,
      KubernetesConfiguration kubernetes,
      DownloadConfiguration downloads) {
    this.configuration = configuration;
    this.docker = docker;
    this.kubernetes = kubernetes;
    this.snapshots = snapshots(configuration);
    Path environments = Path.of(configuration.workFolder()).resolve("environments");
    ProjectPreparer projects =
        new ProjectPreparer(
            snapshots,
            configuration.gitPolicy(),
            SourceLimits.DEFAULT,
            new PythonEnvironments(
                environments, program(configuration.uv()), null, ENVIRONMENT_LIMIT),
            new CondaEnvironments(environments, program(configuration.conda()), ENVIRONMENT_LIMIT),
            downloads.files(
                connect(downloads.artifactStore()), connect(downloads.registryService())),
            downloads.downloadRetries(),
            containers());
    this.preparer = projects;
    this.inspector = projects;
  }

  /** Prepares jobs in another way; for tests of everything else. */
  ProjectsRunner(
      ProjectsConfiguration configuration,
      DockerConfiguration docker,
      KubernetesConfiguration kubernetes,
      Preparer preparer,
      Inspector inspector) {
    this.configuration = configuration;
    this.docker = docker;
    this.kubernetes = kubernetes;
    this.snapshots = snapshots(configuration);
    this.preparer = preparer;
    this.inspector = inspector;
  }

  private static @Nullable Path program(String configured) {
    return configured.isEmpty() ? null : Path.of(configured);
  }

  private ManagedChannel connect(String target) {
    ManagedChannel channel = Target.parse(target).connect();
    channels.add(channel);
    return channel;
  }

  private static Snapshots snapshots(ProjectsConfiguration configuration) {
    return new Snapshots(
        Path.of(configuration.snapshotFolder()),
        configuration.snapshotMaxBytes(),
        configuration.isOn());
  }

  /**
   * Opens the database and starts serving. The tracking store need not be there yet.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws RuntimeException if the database does not open, the address cannot be taken, or this
   *     machine cannot run projects
   */
  @PostConstruct
  void start() {
    DatabaseUrl url = DatabaseUrl.parse(configuration.databaseUrl());
    Target listen = Target.parse(configuration.listen());
    if (configuration.isLocal()) {
      LocalEngine.requireSupported();
    }
    Database opened = Database.open("projects-runner", url, configuration.maxConnections());
    database = opened;
    try {
      Recorder recorder = new Recorder(connect(configuration.trackingStore()));
      ScheduleStore scheduleStore = new ScheduleStore();
      Jobs jobs = jobs(opened, scheduleStore, recorder);
      Schedules schedules = new Schedules(opened, scheduleStore, jobs, recorder);
      host =
          GrpcHost.start(
              listen,
              () -> opened.read(tx -> tx.query("SELECT 1", row -> row.intValue(1))),
              new JobAccess(jobs, recorder),
              List.of(new SnapshotRpc(snapshots), new JobRpc(jobs), new ScheduleRpc(schedules)));
      if (worker != null) {
        worker.start();
      }
    } catch (RuntimeException e) {
      stop();
      throw e;
    }
  }

  private Jobs jobs(Database opened, ScheduleStore scheduleStore, Recorder recorder) {
    JobStore store = new JobStore();
    QueueStore queue = new QueueStore();
    Path work = Path.of(configuration.workFolder());
    CodeFolders folders = new CodeFolders(work.resolve("code"));
    Inspections inspections = new Inspections(folders, inspector);
    if (!configuration.isOn()) {
      return new Jobs(
          opened, store, queue, recorder, Optional.empty(), Optional.empty(), inspections);
    }
    Engine engine = engine(work);
    Attempt.Tools tools =
        new Attempt.Tools(
            opened,
            store,
            queue,
            engine,
            folders,
            recorder,
            preparer,
            environment(),
            configuration.trackingUri());
    Worker working =
        new Worker(
            opened,
            queue,
            engine,
            tools,
            new ScheduleClock(opened, scheduleStore, store),
            snapshots,
            configuration);
    worker = working;
    return new Jobs(
        opened, store, queue, recorder, Optional.of(engine), Optional.of(working), inspections);
  }

  private Engine engine(Path work) {
    if (configuration.isInDocker()) {
      DockerEngine engine = DockerEngine.open(docker.settings(configuration));
      disconnect = engine::close;
      return engine;
    }
    if (configuration.isInKubernetes()) {
      KubernetesEngine engine = KubernetesEngine.open(kubernetes.settings(configuration));
      disconnect = engine::close;
      return engine;
    }
    return new LocalEngine(
        work.resolve("attempts"),
        configuration.host(),
        configuration.logMaxBytes(),
        Duration.ofSeconds(configuration.cancelGraceSeconds()));
  }

  /** What containers are like; null if there are none. */
  private @Nullable Containers containers() {
    if (configuration.isInDocker()) {
      return new Containers(docker.dockerImage(), passedEnvironment(), docker.volumes());
    }
    return configuration.isInKubernetes()
        ? new Containers(kubernetes.kubernetesImage(), passedEnvironment(), Volumes.NONE)
        : null;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(passedEnvironment());
    environment.put("MLFLOW_TRACKING_URI", configuration.trackingUri());
    return environment;
  }

  /** What commands get of this process's environment; containers have a machine of their own. */
  private Map<String, String> passedEnvironment() {
    Map<String, String> environment = new HashMap<>();
    Stream.concat(
            configuration.isLocal() ? ENVIRONMENT.stream() : Stream.of(),
            Stream.of(configuration.passEnvironment().split(",", -1)))
        .map(String::strip)
        .forEach(
            name -> {
              String value = name.isEmpty() ? null : System.getenv(name);
              if (value != null) {
                environment.put(name, value);
              }
            });
    return environment;
  }

  /** The TCP port it listens on, or -1 in process. */
  public int port() {
    return host == null ? -1 : host.port();
  }

  /** Lets calls under way end, then closes the database. */
  @PreDestroy
  void stop() {
    if (host != null) {
      host.close();
    }
    if (worker != null) {
      worker.close();
    }
    if (disconnect != null) {
      disconnect.run();
    }
    channels.forEach(ManagedChannel::shutdownNow);
    if (database != null) {
      database.close();
    }
  }
}
