package dev.millrace.projects.engine;

import dev.millrace.projects.environment.FolderTree;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.ScalableResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands as Kubernetes Jobs of one pod, each called after its attempt. A Secret of the same
 * name is what is remembered of it: it holds the token, and tells whether the Job was started, or
 * is not to be any more. So a Job that somebody, or Kubernetes, has deleted is not taken for one
 * that was never made.
 */
public final class KubernetesEngine implements Engine, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KubernetesEngine.class);

  private static final String PREFIX = "millrace-";
  private static final String ARCHIVE = ".tar.gz";
  private static final String INSTALLATION = "millrace.dev/installation";
  private static final String ATTEMPT = "millrace.dev/attempt";
  private static final String STATE = "millrace.dev/state";
  private static final String STARTING = "starting";
  private static final String STARTED = "started";
  private static final String ENDED = "ended";
  private static final String BARRED = "barred";

  /** How long what the API server said of all jobs is taken for true. */
  private static final Duration LISTED = Duration.ofSeconds(1);

  /** How often the log of a job is brought that nobody reads. */
  private static final Duration PULL = Duration.ofSeconds(3);

  /** How often that of one that is read, or ends. */
  private static final Duration READ = Duration.ofMillis(300);

  /** How much longer than its grace period the end of a pod may take. */
  private static final Duration END_MARGIN = Duration.ofSeconds(60);

  /** How often the end of a log is tried to be read. */
  private static final int MAX_LOG_FAILURES = 10;

  private static final int REQUEST_MILLIS = 15_000;

  private static final int CONFLICT = 409;
  private static final int TOO_MANY = 429;

  /** Why a container waits, if it will not go on by itself. */
  private static final Set<String> STUCK =
      Set.of(
          "ErrImagePull",
          "ImagePullBackOff",
          "InvalidImageName",
          "CreateContainerConfigError",
          "CreateContainerError");

  private final KubernetesClient client;
  private final KubernetesSettings settings;
  private final JobTemplate template;
  private final String namespace;
  private final Map<String, Follower> followers = new ConcurrentHashMap<>();
  private Listing listing = new Listing(Map.of(), 0);
  private @Nullable String site;

  private record Listing(Map<String, Job> jobs, long askedNanos) {}

  /** The log of an attempt, as this process knows it. */
  private static final class Follower {
    final FetchedLog log;
    volatile long pulledNanos = System.nanoTime() - PULL.toNanos();
    volatile String reason = "";
    final AtomicInteger failures = new AtomicInteger();

    Follower(FetchedLog log) {
      this.log = log;
    }

    boolean isOlder(Duration age) {
      return System.nanoTime() - pulledNanos >= age.toNanos();
    }
  }

  private KubernetesEngine(KubernetesClient client, KubernetesSettings settings) {
    this.client = client;
    this.settings = settings;
    this.template = JobTemplate.read(settings);
    String named = template.namespace();
    String given = settings.namespace().isEmpty() ? client.getNamespace() : settings.namespace();
    this.namespace = named != null ? named : given == null ? "default" : given;
  }

  /**
   * An engine for a cluster, which need not answer yet.
   *
   * @throws IllegalArgumentException if the template is no Job
   */
  public static KubernetesEngine open(KubernetesSettings settings) {
    ConfigBuilder config =
        new ConfigBuilder(
                Config.autoConfigure(settings.context().isEmpty() ? null : settings.context()))
            // Whoever asks asks again, and has to notice meanwhile that nobody wants to know any
            // more.
            .withRequestRetryBackoffLimit(1)
            .withRequestTimeout(REQUEST_MILLIS)
            .withConnectionTimeout(REQUEST_MILLIS);
    if (!settings.apiUrl().isEmpty()) {
      config.withMasterUrl(settings.apiUrl());
    }
    return new KubernetesEngine(
        new KubernetesClientBuilder().withConfig(config.build()).build(), settings);
  }

  /** One for a client that is there; for tests. */
  static KubernetesEngine of(KubernetesClient client, KubernetesSettings settings) {
    return new KubernetesEngine(client, settings);
  }

  /** The namespace of this cluster, known by a random name in a ConfigMap. */
  @Override
  public synchronized String site() throws IOException {
    String known = site;
    if (known == null) {
      Resource<ConfigMap> map =
          client.configMaps().inNamespace(namespace).withName(settings.installation() + "-site");
      ConfigMap found = call(map::get);
      if (found == null) {
        ConfigMap made =
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(settings.installation() + "-site")
                .withNamespace(namespace)
                .addToLabels(INSTALLATION, settings.installation())
                .endMetadata()
                .addToData("id", UUID.randomUUID().toString())
                .build();
        boolean _ = create(() -> client.configMaps().resource(made).create());
        found = call(map::get);
      }
      if (found == null || found.getData() == null || !found.getData().containsKey("id")) {
        throw new IOException("ConfigMap %s-site has no id".formatted(settings.installation()));
      }
      known = "kubernetes/" + found.getData().get("id");
      site = known;
    }
    return known;
  }

  @Override
  public void start(Launch launch) throws IOException {
    String name = launch.name();
    CodeArchive.pack(launch.folder(), code(name));
    String token = launch.environment().getOrDefault(Launch.TOKEN, "");
    boolean _ =
        create(
            () ->
                client
                    .secrets()
                    .resource(
                        new SecretBuilder()
                            .withNewMetadata()
                            .withName(object(name))
                            .withNamespace(namespace)
                            .addToLabels(labels(name))
                            .addToLabels(STATE, STARTING)
                            .endMetadata()
                            .addToData(Launch.TOKEN, base64(token))
                            .build())
                    .create());
    Job job = template.fill(object(name), namespace, labels(name), object(name), launch);
    if (!create(() -> client.batch().v1().jobs().resource(job).create())) {
      Job there = call(job(name)::get);
      if (there != null && BARRED.equals(there.getMetadata().getLabels().get(STATE))) {
        throw new IOException("The job was given up before it was started");
      }
    }
    mark(name, STARTED, false);
  }

  @Override
  public Status bar(String name) throws IOException {
    Secret secret = call(secret(name)::get);
    Job job = call(job(name)::get);
    if (job != null) {
      return status(name, job);
    }
    if (secret != null && !STARTING.equals(secret.getMetadata().getLabels().get(STATE))) {
      return new Status.Ended(null);
    }
    Map<String, String> labels = new HashMap<>(labels(name));
    labels.put(STATE, BARRED);
    Job barred = JobTemplate.barred(object(name), namespace, labels, settings.fetchImage());
    try {
      if (create(() -> client.batch().v1().jobs().resource(barred).create())) {
        return new Status.NotStarted();
      }
    } catch (EngineUnavailableException e) {
      throw e;
    } catch (IOException e) {
      throw new EngineUnavailableException(e.toString(), e);
    }
    return status(name, call(job(name)::get));
  }

  @Override
  public Status status(String name) throws IOException {
    Job listed = jobs().get(object(name));
    return status(name, listed == null ? call(job(name)::get) : listed);
  }

  private Status status(String name, @Nullable Job job) throws IOException {
    if (job == null) {
      Secret secret = call(secret(name)::get);
      return secret == null || STARTING.equals(secret.getMetadata().getLabels().get(STATE))
          ? new Status.NotStarted()
          : new Status.Ended(null);
    }
    if (BARRED.equals(job.getMetadata().getLabels().get(STATE))) {
      return new Status.NotStarted();
    }
    boolean isComplete = has(job, "Complete");
    if (!isComplete && !has(job, "Failed")) {
      pull(name, PULL);
      return new Status.Running();
    }
    Pod pod = pull(name, Duration.ZERO);
    return new Status.Ended(isComplete ? Integer.valueOf(0) : exitCode(name, pod));
  }

  @Override
  public void end(String name) throws IOException, InterruptedException {
    mark(name, ENDED, true);
    boolean _ = Files.deleteIfExists(code(name));
    Job job = call(job(name)::get);
    if (job == null || isOver(job)) {
      return;
    }
    call(() -> job(name).withPropagationPolicy(DeletionPropagation.FOREGROUND).delete());
    long end = System.nanoTime() + settings.grace().plus(END_MARGIN).toNanos();
    while (call(job(name)::get) != null) {
      pull(name, READ);
      if (System.nanoTime() > end) {
        throw new EngineUnavailableException("The pod does not end: its node may be away", null);
      }
      Thread.sleep(READ);
    }
  }

  @Override
  public void note(String name, String line) throws IOException {
    follower(name).log.note(line);
  }

  @Override
  public LogChunk log(String name, long offset, int maxBytes) throws IOException {
    try {
      pull(name, READ);
    } catch (EngineUnavailableException e) {
      log.warn("The log of {} may be longer: {}", name, e.getMessage());
    }
    return follower(name).log.read(offset, maxBytes);
  }

  @Override
  public List<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    Map<String, String> ours = Map.of(INSTALLATION, settings.installation());
    call(() -> client.batch().v1().jobs().inNamespace(namespace).withLabels(ours).list().getItems())
        .forEach(job -> names.add(job.getMetadata().getLabels().getOrDefault(ATTEMPT, "")));
    call(() -> client.secrets().inNamespace(namespace).withLabels(ours).list().getItems())
        .forEach(secret -> names.add(secret.getMetadata().getLabels().getOrDefault(ATTEMPT, "")));
    if (Files.exists(settings.logs())) {
      try (var folders = Files.newDirectoryStream(settings.logs(), Files::isDirectory)) {
        folders.forEach(folder -> names.add(folder.getFileName().toString()));
      }
    }
    if (Files.exists(settings.codes())) {
      try (var codes = Files.newDirectoryStream(settings.codes(), "[!.]*" + ARCHIVE)) {
        codes.forEach(file -> names.add(file.getFileName().toString().replace(ARCHIVE, "")));
      }
    }
    names.remove("");
    return new ArrayList<>(names);
  }

  @Override
  public Duration age(String name) throws IOException {
    for (Path file : List.of(folder(name).resolve("log"), code(name))) {
      if (Files.exists(file)) {
        return Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
      }
    }
    Secret secret = call(secret(name)::get);
    Job job = secret == null ? call(job(name)::get) : null;
    String time =
        secret != null
            ? secret.getMetadata().getCreationTimestamp()
            : job == null ? null : job.getMetadata().getCreationTimestamp();
    return time == null ? Duration.ZERO : Duration.between(Instant.parse(time), Instant.now());
  }

  @Override
  public void forget(String name) throws IOException {
    call(() -> job(name).withPropagationPolicy(DeletionPropagation.BACKGROUND).delete());
    call(() -> secret(name).delete());
    boolean _ = Files.deleteIfExists(code(name));
    followers.remove(name);
    FolderTree.delete(folder(name));
  }

  @Override
  public Path code(String name) {
    return settings.codes().resolve(checked(name) + ARCHIVE);
  }

  @Override
  public void close() {
    client.close();
  }

  private Map<String, String> labels(String name) {
    return Map.of(
        "app.kubernetes.io/managed-by",
        "millrace",
        INSTALLATION,
        settings.installation(),
        ATTEMPT,
        checked(name));
  }

  private Resource<Secret> secret(String name) {
    return client.secrets().inNamespace(namespace).withName(object(name));
  }

  private ScalableResource<Job> job(String name) {
    return client.batch().v1().jobs().inNamespace(namespace).withName(object(name));
  }

  private Path folder(String name) {
    return settings.logs().resolve(checked(name));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String object(String name) {
    return PREFIX + checked(name);
  }

  private static String checked(String name) {
    if (!name.matches("[a-z0-9-]{1,54}")) {
      throw new IllegalArgumentException("Not the name of an attempt: " + name);
    }
    return name;
  }

  private Follower follower(String name) {
    return followers.computeIfAbsent(
        name, each -> new Follower(new FetchedLog(folder(each), settings.logMaxBytes())));
  }

  /** Notes what became of an attempt, if anything is known of it. */
  private void mark(String name, String state, boolean isOver) throws IOException {
    Secret known = call(secret(name)::get);
    if (known == null) {
      return;
    }
    call(
        () ->
            secret(name)
                .edit(
                    found -> {
                      SecretBuilder changed =
                          new SecretBuilder(found)
                              .editMetadata()
                              .addToLabels(STATE, state)
                              .endMetadata();
                      return isOver ? changed.withData(Map.of()).build() : changed.build();
                    }));
  }

  /** All Jobs, by their names: many attempts ask, the API server is asked once. */
  private synchronized Map<String, Job> jobs() throws IOException {
    long now = System.nanoTime();
    if (listing.askedNanos() == 0 || now - listing.askedNanos() >= LISTED.toNanos()) {
      Map<String, Job> jobs = new HashMap<>();
      call(() ->
              client
                  .batch()
                  .v1()
                  .jobs()
                  .inNamespace(namespace)
                  .withLabels(Map.of(INSTALLATION, settings.installation()))
                  .list()
                  .getItems())
          .forEach(job -> jobs.put(job.getMetadata().getName(), job));
      listing = new Listing(jobs, now);
    }
    return listing.jobs();
  }

  /**
   * Brings what the pod has printed, unless that was done a moment ago.
   *
   * @return the pod; null if there is none, or it was not looked for
   */
  private @Nullable Pod pull(String name, Duration age) throws IOException {
    Follower follower = follower(name);
    if (!follower.isOlder(age)) {
      return null;
    }
    follower.pulledNanos = System.nanoTime();
    List<Pod> pods =
        call(
            () ->
                client
                    .pods()
                    .inNamespace(namespace)
                    .withLabels(Map.of(ATTEMPT, name))
                    .list()
                    .getItems());
    if (pods.isEmpty()) {
      return null;
    }
    Pod pod = pods.getFirst();
    if (pod.getStatus() == null) {
      return pod;
    }
    tell(name, follower, pod.getStatus().getInitContainerStatuses());
    tell(name, follower, pod.getStatus().getContainerStatuses());
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      boolean hasBegun =
          status.getState() != null
              && (status.getState().getRunning() != null
                  || status.getState().getTerminated() != null);
      if (status.getName().equals(JobTemplate.CONTAINER) && hasBegun) {
        pull(name, follower, pod.getMetadata().getName(), age.isZero());
      }
    }
    return pod;
  }

  /**
   * Brings what a pod has printed. That this fails is no reason not to know how the job is, but for
   * the last time, which is tried some times.
   */
  private void pull(String name, Follower follower, String pod, boolean isLast) throws IOException {
    try {
      follower.log.pull(
          since -> {
            var container =
                client
                    .pods()
                    .inNamespace(namespace)
                    .withName(pod)
                    .inContainer(JobTemplate.CONTAINER)
                    .usingTimestamps();
            return new PodLines(
                call(
                    () ->
                        Objects.requireNonNull(
                            since == null
                                ? container.getLogInputStream()
                                : container.sinceTime(since.toString()).getLogInputStream())));
          });
      follower.failures.set(0);
    } catch (IOException e) {
      int failures = follower.failures.incrementAndGet();
      log.warn("The log of {} cannot be read: {}", name, e.getMessage());
      if (isLast && failures < MAX_LOG_FAILURES) {
        throw new EngineUnavailableException("The log cannot be read", e);
      }
      if (isLast && failures == MAX_LOG_FAILURES) {
        follower.log.note("[millrace: the log cannot be read to its end]");
      }
    }
  }

  /** Notes in the log what keeps a container from running, once. */
  private static void tell(String name, Follower follower, List<ContainerStatus> statuses)
      throws IOException {
    for (ContainerStatus status : statuses) {
      var state = status.getState();
      String reason = null;
      if (state != null && state.getWaiting() != null) {
        String waits = Objects.requireNonNullElse(state.getWaiting().getReason(), "");
        if (STUCK.contains(waits)) {
          reason = "%s: %s".formatted(waits, state.getWaiting().getMessage());
        }
      } else if (state != null && state.getTerminated() != null) {
        Integer code = state.getTerminated().getExitCode();
        if (code != null && code != 0 && status.getName().equals(JobTemplate.FETCH)) {
          reason = "the code cannot be fetched, exit code " + code;
        } else if ("OOMKilled".equals(state.getTerminated().getReason())) {
          reason = "it took more memory than it may";
        }
      }
      if (reason != null && !reason.equals(follower.reason)) {
        follower.reason = reason;
        follower.log.note("[millrace: container %s: %s]".formatted(status.getName(), reason));
        log.info("Container {} of {}: {}", status.getName(), name, reason);
      }
    }
  }

  private @Nullable Integer exitCode(String name, @Nullable Pod pod) {
    if (pod == null || pod.getStatus() == null) {
      return null;
    }
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      if (status.getName().equals(JobTemplate.CONTAINER)
          && status.getState() != null
          && status.getState().getTerminated() != null) {
        return status.getState().getTerminated().getExitCode();
      }
    }
    log.info("Job of {} failed without an exit code", name);
    return null;
  }

  private static boolean isOver(Job job) {
    return has(job, "Complete") || has(job, "Failed");
  }

  private static boolean has(Job job, String type) {
    JobStatus status = job.getStatus();
    return status != null
        && status.getConditions() != null
        && status.getConditions().stream()
            .anyMatch(each -> each.getType().equals(type) && "True".equals(each.getStatus()));
  }

  /**
   * Makes something; false if there is one of that name.
   *
   * @throws IOException if it is refused, whenever it is asked for
   */
  private static boolean create(Supplier<?> creation) throws IOException {
    try {
      Object _ = creation.get();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT) {
        return false;
      }
      if (e.getCode() >= 400 && e.getCode() < 500 && e.getCode() != TOO_MANY) {
        throw new IOException("Kubernetes refuses: " + e.getMessage(), e);
      }
      throw unavailable(e);
    }
  }

  /** Asks or changes what is there: that this fails says nothing about it. */
  private static <T extends @Nullable Object> T call(Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (KubernetesClientException e) {
      throw unavailable(e);
    }
  }

  private static EngineUnavailableException unavailable(KubernetesClientException e) {
    return new EngineUnavailableException("Kubernetes does not answer: " + e.getMessage(), e);
  }
}
