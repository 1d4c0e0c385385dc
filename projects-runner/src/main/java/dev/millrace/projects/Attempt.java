package dev.millrace.projects;

import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.projects.engine.Engine;
import dev.millrace.projects.engine.EngineUnavailableException;
import dev.millrace.projects.engine.Launch;
import dev.millrace.projects.engine.Status;
import dev.millrace.projects.retry.Backoff;
import dev.millrace.proto.RunStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one process does for one job: prepares and starts it, or finds it again, watches it, and
 * says how it ended. What is going to be done is written down first, so that whoever takes the job
 * over can ask the engine what became of it. The run is told before the queue: if this process ends
 * in between, the next one tells it again.
 */
final class Attempt {

  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private static final long WATCH_MILLIS = 100;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** How often something may fail inexplicably before that is taken for final. */
  private static final int MAX_BREAKS = 10;

  private static final int MAX_MESSAGE = 1000;

  /** Where the gateway has the code of a job. */
  private static final String CODE_PATH = "/api/2.0/millrace/projects/jobs/%s/code";

  private final Tools tools;
  private final Held held;
  private final BooleanSupplier isClosing;
  private boolean mayHaveRun;

  /**
   * What every attempt works with.
   *
   * @param environment of every command
   */
  record Tools(
      Database database,
      JobStore jobs,
      QueueStore queue,
      Engine engine,
      CodeFolders folders,
      Recorder recorder,
      Preparer preparer,
      Map<String, String> environment,
      String trackingUri) {}

  /** Something to ask the engine. */
  @FunctionalInterface
  private interface Question<T extends @Nullable Object> {
    T ask() throws IOException, InterruptedException;
  }

  /** Somebody else has the job, or this process is stopping: nothing more is to be done here. */
  private static final class GoneException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** The job cannot go on. */
  private static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }

    String text() {
      return Objects.requireNonNullElse(getMessage(), "");
    }
  }

  Attempt(Tools tools, Held held, BooleanSupplier isClosing) {
    this.tools = tools;
    this.held = held;
    this.isClosing = isClosing;
  }

  /**
   * Does all there is to do.
   *
   * @param isTakenOver whether another process had it
   */
  void run(boolean isTakenOver) {
    try {
      try {
        if (held.isCancelled() && held.job().site() == null) {
          finish(JobState.KILLED, null, null);
        } else if (!isTakenOver) {
          begin();
        } else if (held.job().site() == null) {
          enqueue(false, null);
        } else {
          resume();
        }
      } catch (FailedException e) {
        finish(JobState.FAILED, null, e.text());
      } catch (InterruptedException e) {
        if (isClosing.getAsBoolean() || held.isLost()) {
          throw new GoneException();
        }
        finish(JobState.KILLED, null, null);
      } catch (IOException | RuntimeException e) {
        log.error("Job {} broke", held.job().jobId(), e);
        finish(JobState.FAILED, null, "The runner failed: " + e);
      }
    } catch (GoneException e) {
      leave();
    } catch (IOException | InterruptedException | RuntimeException e) {
      log.error("Job {} cannot be ended", held.job().jobId(), e);
    }
  }

  private void begin() throws GoneException, FailedException, IOException, InterruptedException {
    JobRow claimed = held.job();
    String name = claimed.jobId() + "-" + claimed.fence();
    String site = reach(() -> tools.engine().site());
    JobToken token = JobToken.random();
    JobRow job =
        insist(
            () ->
                tools
                    .database()
                    .<@Nullable JobRow>transaction(
                        tx -> tools.queue().beginAttempt(tx, claimed, site, name, token.hash())));
    if (job == null) {
      throw new GoneException();
    }
    held.advance(job);
    Prepared prepared = prepare(job, name);
    String runId = Objects.requireNonNull(job.runId());
    tell(
        () -> {
          tools.recorder().describe(runId, prepared.params(), prepared.tags());
          tools.recorder().update(runId, RunStatus.RUNNING);
          return true;
        });
    if (held.isCancelled()) {
      finish(JobState.KILLED, null, null);
      return;
    }
    long elapsed = running(job);
    Map<String, String> environment = new HashMap<>(tools.environment());
    environment.putAll(prepared.environment());
    environment.put("MLFLOW_RUN_ID", runId);
    environment.put("MLFLOW_EXPERIMENT_ID", job.spec().experimentId());
    environment.put("MLFLOW_TRACKING_TOKEN", token.text());
    mayHaveRun = true;
    Launch launch =
        new Launch(
            name,
            prepared.command(),
            prepared.folder(),
            environment,
            prepared.image(),
            prepared.volumes(),
            tools.trackingUri() + CODE_PATH.formatted(job.jobId()),
            job.spec().resources(),
            job.spec().timeoutSeconds());
    try {
      reach(
          () -> {
            tools.engine().start(launch);
            return true;
          });
    } catch (IOException e) {
      throw new FailedException("The command cannot be started: " + e.getMessage());
    }
    watch(elapsed);
  }

  private Prepared prepare(JobRow job, String name)
      throws GoneException, FailedException, InterruptedException {
    held.beginInterruptible();
    try {
      Prepared prepared =
          tools
              .preparer()
              .prepare(job, tools.folders().make(name), line -> tools.engine().note(name, line));
      String image = prepared.image();
      String provided =
          image == null
              ? null
              : this.<@Nullable String>reach(() -> tools.engine().provide(name, image));
      return provided == null ? prepared : prepared.in(provided);
    } catch (MillraceException e) {
      requireWanted();
      note(name, e.text());
      throw new FailedException(e.text());
    } catch (IOException e) {
      requireWanted();
      log.warn("Job {} cannot be prepared", job.jobId(), e);
      String text = "The project cannot be prepared: " + e.getMessage();
      note(name, text);
      throw new FailedException(text);
    } finally {
      held.endInterruptible();
    }
  }

  /** What an interrupt breaks off may fail as if it were for another reason. */
  private void requireWanted() throws InterruptedException {
    if (held.isCancelled() || held.isLost() || isClosing.getAsBoolean()) {
      throw new InterruptedException();
    }
  }

  private void note(String name, String line) {
    try {
      tools.engine().note(name, line);
    } catch (IOException e) {
      log.warn("Cannot write to the log of {}: {}", name, e.toString());
    }
  }

  /** Goes on with what another process began, or perhaps did not. */
  private void resume() throws GoneException, FailedException, IOException, InterruptedException {
    String name = Objects.requireNonNull(held.job().attemptName());
    Status status = reach(() -> tools.engine().bar(name));
    mayHaveRun = !(status instanceof Status.NotStarted);
    switch (status) {
      case Status.NotStarted _ -> {
        tools.folders().delete(name);
        if (held.isCancelled()) {
          finish(JobState.KILLED, null, null);
        } else {
          enqueue(false, null);
        }
      }
      case Status.Running _ -> {
        long elapsed = running(held.job());
        String runId = Objects.requireNonNull(held.job().runId());
        tell(
            () -> {
              tools.recorder().update(runId, RunStatus.RUNNING);
              return true;
            });
        watch(elapsed);
      }
      case Status.Ended ended -> conclude(ended.exitCode());
    }
  }

  private long running(JobRow job) throws GoneException, InterruptedException {
    Long elapsed =
        insist(
            () -> tools.database().<@Nullable Long>transaction(tx -> tools.queue().run(tx, job)));
    if (elapsed == null) {
      throw new GoneException();
    }
    return elapsed;
  }

  private void watch(long elapsedMillis)
      throws GoneException, FailedException, IOException, InterruptedException {
    String name = Objects.requireNonNull(held.job().attemptName());
    Long timeout = held.job().spec().timeoutSeconds();
    long began = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(elapsedMillis);
    while (!(reach(() -> tools.engine().status(name)) instanceof Status.Ended)) {
      if (held.isLost() || isClosing.getAsBoolean()) {
        throw new GoneException();
      }
      if (held.isCancelled()) {
        end(name);
        finish(JobState.KILLED, exitCode(name), null);
        return;
      }
      if (timeout != null && System.nanoTime() - began > TimeUnit.SECONDS.toNanos(timeout)) {
        end(name);
        finish(
            JobState.TIMED_OUT,
            exitCode(name),
            "The command took longer than %d seconds.".formatted(timeout));
        return;
      }
      held.await(WATCH_MILLIS);
    }
    conclude(exitCode(name));
  }

  private @Nullable Integer exitCode(String name)
      throws GoneException, IOException, InterruptedException {
    return reach(() -> tools.engine().status(name)) instanceof Status.Ended ended
        ? ended.exitCode()
        : null;
  }

  /** Says what the end of the command means. */
  private void conclude(@Nullable Integer exitCode)
      throws GoneException, FailedException, IOException, InterruptedException {
    JobRow job = held.job();
    end(Objects.requireNonNull(job.attemptName()));
    if (exitCode == null) {
      finish(
          held.isCancelled() ? JobState.KILLED : JobState.FAILED,
          null,
          "The command ended without an exit code: it was killed, or its machine was restarted.");
    } else if (exitCode == 0) {
      finish(JobState.FINISHED, exitCode, null);
    } else if (held.isCancelled()) {
      finish(JobState.KILLED, exitCode, null);
    } else if (job.attempts() <= job.spec().maxRetries()) {
      enqueue(true, exitCode);
    } else {
      finish(JobState.FAILED, exitCode, "The command exited with code %d.".formatted(exitCode));
    }
  }

  /** Puts the job into the queue, with its run, which is made if it is missing. */
  private void enqueue(boolean wasStarted, @Nullable Integer exitCode)
      throws GoneException, FailedException, IOException, InterruptedException {
    JobRow job = held.job();
    String runId = job.runId();
    if (runId == null) {
      String made =
          tell(
              () -> {
                String found = tools.recorder().find(job);
                return found == null ? tools.recorder().create(job) : found;
              });
      if (!insist(() -> tools.database().transaction(tx -> tools.queue().setRun(tx, job, made)))) {
        throw new GoneException();
      }
      runId = made;
    }
    String run = runId;
    tell(
        () -> {
          if (wasStarted) {
            tools
                .recorder()
                .describe(run, Map.of(), Map.of(Recorder.ATTEMPT_TAG, "" + (job.attempts() + 1)));
          }
          tools.recorder().update(run, RunStatus.SCHEDULED);
          return true;
        });
    if (insist(
        () ->
            tools
                .database()
                .transaction(tx -> tools.queue().enqueue(tx, job, wasStarted, exitCode)))) {
      cleanUp();
    } else if (held.isCancelled() || isCancelled(job)) {
      finish(JobState.KILLED, exitCode, null);
    } else {
      throw new GoneException();
    }
  }

  private boolean isCancelled(JobRow job) throws GoneException, InterruptedException {
    JobRow now =
        insist(
            () ->
                tools.database().<@Nullable JobRow>read(tx -> tools.jobs().find(tx, job.jobId())));
    return now != null && now.fence() == job.fence() && now.isCancelled();
  }

  private void finish(JobState state, @Nullable Integer exitCode, @Nullable String message)
      throws GoneException, IOException, InterruptedException {
    JobRow job = held.job();
    revoke(job, state);
    try {
      tell(
          () -> {
            String runId = job.runId() == null ? tools.recorder().find(job) : job.runId();
            if (runId != null) {
              if (state == JobState.TIMED_OUT) {
                tools
                    .recorder()
                    .describe(runId, Map.of(), Map.of(Recorder.STATE_TAG, state.name()));
              }
              long now = tools.database().read(JobStore::now);
              tools.recorder().end(runId, Recorder.status(state), now);
            }
            return true;
          });
    } catch (FailedException e) {
      // A run that a user has deleted, for instance, needs no status.
      log.warn("The run of job {} does not know its end: {}", job.jobId(), e.text());
    }
    String text = message == null ? null : storable(message);
    if (!insist(
        () ->
            tools
                .database()
                .transaction(tx -> tools.queue().end(tx, job, state, exitCode, text)))) {
      throw new GoneException();
    }
    cleanUp();
  }

  /**
   * Nothing that is left of the attempt writes to the run after it was said to be killed: not even
   * with a token that somebody still believes.
   */
  private void revoke(JobRow job, JobState state) throws GoneException, InterruptedException {
    if (job.site() == null) {
      return;
    }
    if (!insist(() -> tools.database().transaction(tx -> tools.queue().revoke(tx, job)))) {
      throw new GoneException();
    }
    if (mayHaveRun && (state == JobState.KILLED || state == JobState.TIMED_OUT)) {
      Thread.sleep(JobToken.BELIEVED);
    }
  }

  private static String storable(String message) {
    String text = message.replace('\0', ' ');
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE);
  }

  private void cleanUp() {
    String name = held.job().attemptName();
    if (name == null) {
      return;
    }
    try {
      tools.folders().delete(name);
    } catch (IOException e) {
      log.warn("Cannot delete the folder of {}: {}", name, e.toString());
    }
  }

  /** Another process has the job now. What runs here is left to it, unless nobody wants it. */
  private void leave() {
    String name = held.job().attemptName();
    if (!held.isLost() || name == null) {
      return;
    }
    try {
      String site = tools.engine().site();
      JobRow now =
          tools.database().<@Nullable JobRow>read(tx -> tools.jobs().find(tx, held.job().jobId()));
      boolean isWanted =
          now != null
              && !now.state().isEnd()
              && site.equals(now.site())
              && name.equals(now.attemptName());
      if (!isWanted) {
        tools.engine().end(name);
        cleanUp();
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      log.warn("Cannot find out who has job {}", held.job().jobId(), e);
    }
  }

  /** Tells the tracking store something, until it has understood. */
  private <T> T tell(Supplier<T> call) throws GoneException, FailedException, InterruptedException {
    try {
      return insist(call);
    } catch (MillraceException e) {
      throw new FailedException("The run cannot be written: " + e.text());
    }
  }

  /**
   * Does something until it does not fail for a passing reason.
   *
   * @throws MillraceException if it fails for another
   */
  private <T extends @Nullable Object> T insist(Supplier<T> action)
      throws GoneException, InterruptedException {
    Backoff pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    for (int attempt = 1; ; attempt++) {
      try {
        return action.get();
      } catch (MillraceException e) {
        boolean isBroken = e.code() == ErrorCode.INTERNAL_ERROR && attempt == MAX_BREAKS;
        if (Recorder.isFinal(e) || isBroken) {
          throw e;
        }
        log.warn("Job {} waits: {}", held.job().jobId(), reason(e));
      }
      if (held.isLost() || isClosing.getAsBoolean()) {
        throw new GoneException();
      }
      Thread.sleep(pauses.next());
    }
  }

  private void end(String name) throws GoneException, IOException, InterruptedException {
    reach(
        () -> {
          tools.engine().end(name);
          return true;
        });
  }

  /** Asks the engine until it answers. What it does not tell is not guessed. */
  private <T extends @Nullable Object> T reach(Question<T> question)
      throws GoneException, IOException, InterruptedException {
    Backoff pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    while (true) {
      try {
        return question.ask();
      } catch (EngineUnavailableException e) {
        log.warn("Job {} waits: {}", held.job().jobId(), e.getMessage());
      }
      if (held.isLost() || isClosing.getAsBoolean()) {
        throw new GoneException();
      }
      Thread.sleep(pauses.next());
    }
  }

  private static String reason(MillraceException e) {
    return e.code() == ErrorCode.INTERNAL_ERROR ? e + ", " + e.getCause() : e.text();
  }
}
