package dev.millrace.projects.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.millrace.projects.environment.FolderTree;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands in containers of a Docker daemon, each called after its attempt. What is known of
 * one is in a folder of its name, which tells whether it is to be started at all, and outlives the
 * container: that is removed when the attempt is ended.
 */
public final class DockerEngine implements Engine, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DockerEngine.class);

  private static final String PREFIX = "millrace-";
  private static final String INSTALLATION = "millrace.dev/installation";
  private static final String ATTEMPT = "millrace.dev/attempt";

  /** Holds what was decided of an attempt. */
  private static final String DECISION = "decision";

  private static final String START = "start";
  private static final String BARRED = "barred";

  /** Holds the exit code; blank if there is none. */
  private static final String EXIT = "exit";

  /** The folder beside the code that container.sh needs. */
  private static final String ONCE = ".millrace";

  private static final String CREATED = "created";

  /** How long what the daemon said of all containers is taken for true. */
  private static final Duration LISTED = Duration.ofMillis(500);

  /** How long a container may take to be gone that was killed. */
  private static final Duration KILLED = Duration.ofSeconds(30);

  private static final Duration CONNECT = Duration.ofSeconds(15);

  /** How many times longer the daemon may work than think. */
  private static final int WORK = 10;

  private static final long POLL_MILLIS = 50;

  private final DockerClient client;

  /** Answers of this one may last as long as a container. */
  private final DockerHttpClient streams;

  private final DockerSettings settings;
  private final DockerTemplate template;
  private final DockerImages images;
  private final Map<String, DockerLog> logs = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable String> daemon = new AtomicReference<>();
  private @Nullable Listing listing;

  /**
   * The containers that run, by their attempts.
   *
   * @param nanos when that was asked for, or when it was clear that there is no answer
   */
  private record Listing(
      Set<String> running, @Nullable EngineUnavailableException problem, long nanos) {}

  private DockerEngine(DockerClientConfig config, DockerSettings settings) {
    Duration work = settings.answerLimit().multipliedBy(WORK);
    this.client =
        DockerClientImpl.getInstance(
            config, new LimitedHttp(http(config, work), settings.answerLimit(), work));
    this.streams = http(config, Duration.ZERO);
    this.settings = settings;
    this.template = new DockerTemplate(settings);
    this.images = new DockerImages(client, DockerClientImpl.getInstance(config, streams), settings);
  }

  /**
   * An engine for a daemon, which need not answer yet.
   *
   * @throws IllegalArgumentException if the daemon's address is none
   */
  public static DockerEngine open(DockerSettings settings) {
    DefaultDockerClientConfig.Builder builder =
        DefaultDockerClientConfig.createDefaultConfigBuilder();
    if (!settings.host().isEmpty()) {
      builder.withDockerHost(settings.host());
    }
    try {
      return new DockerEngine(builder.build(), settings);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "The address of the Docker daemon cannot be used: " + message(e), e);
    }
  }

  private static DockerHttpClient http(DockerClientConfig config, Duration answer) {
    return new ZerodepDockerHttpClient.Builder()
        .dockerHost(config.getDockerHost())
        .sslConfig(config.getSSLConfig())
        .connectionTimeout(CONNECT)
        .responseTimeout(answer)
        .build();
  }

  /** The daemon, and the folder of what is known of its containers. */
  @Override
  public String site() throws IOException {
    return "docker/" + daemon() + "/" + installation();
  }

  private String installation() throws IOException {
    return new OnceFile(settings.folder().resolve("site")).name();
  }

  /** The first daemon that has answered. */
  private String daemon() throws IOException {
    String known = daemon.get();
    if (known == null) {
      boolean _ = daemon.compareAndSet(null, askDaemon());
      known = Objects.requireNonNull(daemon.get());
    }
    return known;
  }

  private String askDaemon() throws IOException {
    return call(() -> Objects.requireNonNullElse(client.infoCmd().exec().getId(), ""));
  }

  @Override
  public String provide(String name, String image) throws IOException, InterruptedException {
    try {
      return images.provide(image, line -> note(name, line));
    } catch (EngineUnavailableException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e;
    }
  }

  /**
   * The container is made, and gets the code; then it is decided that it is started. Whoever bars
   * the name decides that it is not, by the same file.
   */
  @Override
  public void start(Launch launch) throws IOException {
    String name = launch.name();
    // That nobody else starts it is for the file to see to, and for the container: this only keeps
    // threads of this process from making it together.
    synchronized (logOf(name).making) {
      OnceFile decision = decision(name);
      if (decision.read() == null) {
        create(launch);
        putCode(launch);
        boolean _ = decision.create(START);
      }
      if (BARRED.equals(decision.read())) {
        remove(name);
        throw new IOException("The job was given up before it was started");
      }
      begin(name);
    }
  }

  private void create(Launch launch) throws IOException {
    String name = launch.name();
    Map<String, String> labels = Map.of(INSTALLATION, installation(), ATTEMPT, name);
    try {
      var _ = template.fill(client, container(name), labels, launch).exec();
    } catch (ConflictException e) {
      if (inspect(name) == null) {
        throw new IOException("Docker has another container " + container(name), e);
      }
    } catch (DockerException e) {
      throw refused(e);
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  private void putCode(Launch launch) throws IOException {
    Path file = archive(launch.name());
    CodeArchive.packShared(launch.folder(), Launch.CODE_NAME, ONCE, file);
    try (InputStream code = Files.newInputStream(file)) {
      var _ =
          client
              .copyArchiveToContainerCmd(container(launch.name()))
              .withRemotePath(Launch.PROJECTS)
              .withTarInputStream(code)
              .exec();
    } catch (DockerException e) {
      remove(launch.name());
      throw refused(e);
    } catch (RuntimeException e) {
      throw unavailable(e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Starts a container that it was decided to start, if it has not been.
   *
   * @throws IOException if it cannot be; it never will be then
   */
  private void begin(String name) throws IOException {
    InspectContainerResponse found = inspect(name);
    if (found == null || !CREATED.equals(found.getState().getStatus())) {
      return;
    }
    try {
      var _ = client.startContainerCmd(found.getId()).exec();
    } catch (NotModifiedException e) {
      log.debug("{} was started by somebody else", name);
    } catch (DockerException e) {
      InspectContainerResponse now = inspect(name);
      if (now == null || CREATED.equals(now.getState().getStatus())) {
        note(name, "[millrace: the container cannot be started: %s]".formatted(message(e)));
        boolean _ = exit(name).create("");
        remove(name);
        throw refused(e);
      }
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
    logOf(name).follow(streams, container(name));
  }

  @Override
  public Status bar(String name) throws IOException {
    OnceFile decision = decision(name);
    if (decision.create(BARRED) || BARRED.equals(decision.read())) {
      // The daemon may still be about to make it: then it is never started.
      remove(name);
      boolean _ = Files.deleteIfExists(archive(name));
      return new Status.NotStarted();
    }
    if (exit(name).read() == null) {
      try {
        // Whoever decided that may have come no further.
        begin(name);
      } catch (EngineUnavailableException e) {
        throw e;
      } catch (IOException e) {
        log.warn("{} cannot be started", name, e);
      }
    }
    return status(name);
  }

  @Override
  public Status status(String name) throws IOException {
    String decided = decision(name).read();
    if (decided == null || decided.equals(BARRED)) {
      return new Status.NotStarted();
    }
    String exit = exit(name).read();
    if (exit != null) {
      return ended(exit);
    }
    if (running().contains(name)) {
      logOf(name).follow(streams, container(name));
      return new Status.Running();
    }
    InspectContainerResponse found = inspect(name);
    if (found == null) {
      requireSameDaemon();
      // Somebody has removed it, unless this engine has, just now.
      String now = exit(name).read();
      return now == null ? new Status.Ended(null) : ended(now);
    }
    if (!isOver(found)) {
      // What is about to be started has no log yet.
      if (!CREATED.equals(found.getState().getStatus())) {
        logOf(name).follow(streams, container(name));
      }
      return new Status.Running();
    }
    try {
      logOf(name).finish(streams, container(name));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineUnavailableException("Interrupted", e);
    }
    return new Status.Ended(exitCode(found));
  }

  private static Status ended(String exit) {
    return new Status.Ended(exit.isBlank() ? null : Integer.valueOf(exit.strip()));
  }

  private static boolean isOver(InspectContainerResponse container) {
    String status = container.getState().getStatus();
    return "exited".equals(status) || "dead".equals(status);
  }

  private static int exitCode(InspectContainerResponse container) {
    return Objects.requireNonNull(container.getState().getExitCodeLong()).intValue();
  }

  @Override
  public void end(String name) throws IOException, InterruptedException {
    InspectContainerResponse found = inspect(name);
    if (found == null) {
      // What was printed before it was removed may have come.
      logOf(name).write();
      forgetLog(name);
      return;
    }
    if (!isOver(found) && !CREATED.equals(found.getState().getStatus())) {
      signal(name, "TERM");
      found = awaitOver(name, settings.grace());
      if (found != null && !isOver(found)) {
        signal(name, "KILL");
        found = awaitOver(name, KILLED);
      }
    }
    if (found != null && isOver(found)) {
      logOf(name).finish(streams, container(name));
      if (Boolean.TRUE.equals(found.getState().getOOMKilled())) {
        note(name, "[millrace: it took more memory than it may, and was killed]");
      }
      boolean _ = exit(name).create(Integer.toString(exitCode(found)));
    } else if (found != null && !CREATED.equals(found.getState().getStatus())) {
      throw new EngineUnavailableException("The container does not end", null);
    }
    remove(name);
    forgetLog(name);
  }

  private void signal(String name, String signal) throws IOException {
    try {
      var _ = client.killContainerCmd(container(name)).withSignal(signal).exec();
    } catch (NotFoundException | ConflictException e) {
      log.debug("{} has ended by itself", name, e);
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  /** The container, when it has ended or the time is over; null if it is gone. */
  private @Nullable InspectContainerResponse awaitOver(String name, Duration time)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    InspectContainerResponse found = inspect(name);
    while (found != null && !isOver(found) && System.nanoTime() < end) {
      Thread.sleep(POLL_MILLIS);
      found = inspect(name);
    }
    return found;
  }

  @Override
  public void note(String name, String line) throws IOException {
    DockerLog known = logOf(name);
    known.write();
    known.file().note(line);
  }

  @Override
  public LogChunk log(String name, long offset, int maxBytes) throws IOException {
    DockerLog known = logs.get(name);
    if (known == null) {
      return file(name).read(offset, maxBytes);
    }
    known.write();
    return known.file().read(offset, maxBytes);
  }

  @Override
  public List<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    list().forEach(each -> names.add(attempt(each)));
    if (Files.exists(settings.folder())) {
      try (var folders = Files.newDirectoryStream(settings.folder(), Files::isDirectory)) {
        folders.forEach(each -> names.add(each.getFileName().toString()));
      }
    }
    names.remove("");
    return new ArrayList<>(names);
  }

  @Override
  public Duration age(String name) throws IOException {
    for (Path file : List.of(folder(name).resolve("log"), folder(name))) {
      if (Files.exists(file)) {
        return Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
      }
    }
    InspectContainerResponse found = inspect(name);
    return found == null
        ? Duration.ZERO
        : Duration.between(Instant.parse(found.getCreated()), Instant.now());
  }

  @Override
  public @Nullable Path code(String name) {
    return null;
  }

  @Override
  public void forget(String name) throws IOException {
    remove(name);
    forgetLog(name);
    FolderTree.delete(folder(name));
  }

  @Override
  public void close() {
    logs.values().forEach(DockerLog::close);
    for (Closeable each : List.<Closeable>of(client, streams)) {
      try {
        each.close();
      } catch (IOException e) {
        log.debug("Closing the connection to Docker", e);
      }
    }
  }

  private DockerLog logOf(String name) {
    return logs.computeIfAbsent(name, each -> new DockerLog(each, file(each)));
  }

  private FetchedLog file(String name) {
    return new FetchedLog(folder(name), settings.logMaxBytes());
  }

  private void forgetLog(String name) {
    DockerLog known = logs.remove(name);
    if (known != null) {
      known.close();
    }
  }

  private Path archive(String name) {
    return folder(name).resolve("code.tar.gz");
  }

  private OnceFile decision(String name) {
    return new OnceFile(folder(name).resolve(DECISION));
  }

  private OnceFile exit(String name) {
    return new OnceFile(folder(name).resolve(EXIT));
  }

  private Path folder(String name) {
    return settings.folder().resolve(checked(name));
  }

  private static String container(String name) {
    return PREFIX + checked(name);
  }

  private static String checked(String name) {
    if (!name.matches("[A-Za-z0-9-]{1,80}")) {
      throw new IllegalArgumentException("Not the name of an attempt: " + name);
    }
    return name;
  }

  /** The container of an attempt; null if there is none, or it is somebody else's. */
  private @Nullable InspectContainerResponse inspect(String name) throws IOException {
    try {
      InspectContainerResponse found = client.inspectContainerCmd(container(name)).exec();
      Map<String, String> labels = found.getConfig().getLabels();
      return labels != null && installation().equals(labels.get(INSTALLATION)) ? found : null;
    } catch (NotFoundException e) {
      return null;
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  /** Removes a container, if there is one; what runs in it is killed. */
  private void remove(String name) throws IOException {
    InspectContainerResponse found = inspect(name);
    if (found == null) {
      return;
    }
    try {
      var _ =
          client.removeContainerCmd(found.getId()).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException e) {
      log.debug("{} has no container any more", name);
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  private List<Container> list() throws IOException {
    Map<String, String> ours = Map.of(INSTALLATION, installation());
    return call(() -> client.listContainersCmd().withShowAll(true).withLabelFilter(ours).exec());
  }

  private static String attempt(Container container) {
    Map<String, String> labels = container.getLabels();
    return Objects.requireNonNullElse(labels == null ? null : labels.get(ATTEMPT), "");
  }

  /**
   * The attempts whose containers run: many ask, the daemon is asked once. Whoever has come before
   * it was clear that it does not answer does not ask once more.
   */
  private Set<String> running() throws IOException {
    long came = System.nanoTime();
    synchronized (this) {
      Listing known = listing;
      if (known == null
          || (known.problem() == null && System.nanoTime() - known.nanos() >= LISTED.toNanos())
          || (known.problem() != null && known.nanos() - came < 0)) {
        known = askRunning();
        listing = known;
      }
      if (known.problem() != null) {
        throw known.problem();
      }
      return known.running();
    }
  }

  private Listing askRunning() throws IOException {
    long asked = System.nanoTime();
    Set<String> running = new HashSet<>();
    try {
      for (Container each : list()) {
        if ("running".equals(each.getState())) {
          running.add(attempt(each));
        }
      }
      return new Listing(Set.copyOf(running), null, asked);
    } catch (EngineUnavailableException e) {
      return new Listing(Set.of(), e, System.nanoTime());
    }
  }

  /** That a container is not there means something only where it was. */
  private void requireSameDaemon() throws IOException {
    String known = daemon();
    String now = askDaemon();
    if (!now.equals(known)) {
      throw new EngineUnavailableException("Another Docker daemon answers than before", null);
    }
  }

  private static <T> T call(Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  private static IOException refused(DockerException e) {
    return new IOException("Docker refuses: " + message(e), e);
  }

  /** Asking, or doing what may be done again, has failed: that says nothing about what is there. */
  static EngineUnavailableException unavailable(RuntimeException e) {
    return new EngineUnavailableException("Docker does not answer: " + message(e), e);
  }

  /** What the daemon says, without the JSON around it. */
  static String message(RuntimeException e) {
    String text = Objects.requireNonNullElse(e.getMessage(), e.toString()).strip();
    int from = text.indexOf("{\"message\":\"");
    int to = text.lastIndexOf("\"}");
    return from < 0 || to < from
        ? text
        : text.substring(from + 12, to).replace("\\\"", "\"").replace("\\n", " ").strip();
  }
}
