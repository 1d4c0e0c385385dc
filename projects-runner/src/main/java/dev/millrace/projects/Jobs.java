package dev.millrace.projects;

import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.projects.engine.Engine;
import dev.millrace.projects.engine.EngineUnavailableException;
import dev.millrace.projects.engine.LogChunk;
import dev.millrace.proto.RunStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jobs as their users see them: what may be handed in, cancelled and tried again. */
final class Jobs {

  private static final Logger log = LoggerFactory.getLogger(Jobs.class);

  /** How long a caller's thread may take for a job before a worker brings it to an end. */
  private static final long HAND_MILLIS = TimeUnit.SECONDS.toMillis(90);

  private static final long MAX_WAIT_SECONDS = 30;
  private static final int LOG_BYTES = 1 << 20;
  private static final long LOG_POLL_MILLIS = 100;
  private static final long RUN_POLL_MILLIS = 50;
  private static final long RUN_WAIT_MILLIS = 10_000;

  private final Database database;
  private final JobStore store;
  private final QueueStore queue;
  private final Recorder recorder;
  private final Optional<Engine> engine;
  private final Optional<Worker> worker;
  private final Inspections inspections;

  /**
   * A piece of a log.
   *
   * @param isEnd whether nothing will follow
   */
  record Log(String text, long nextOffset, boolean isEnd) {}

  /**
   * @param engine empty where projects are switched off
   * @param inspections of what is handed in
   * @param worker in this process, likewise: it learns of everything at once
   */
  Jobs(
      Database database,
      JobStore store,
      QueueStore queue,
      Recorder recorder,
      Optional<Engine> engine,
      Optional<Worker> worker,
      Inspections inspections) {
    this.database = database;
    this.store = store;
    this.queue = queue;
    this.recorder = recorder;
    this.engine = engine;
    this.worker = worker;
    this.inspections = inspections;
  }

  /**
   * Puts a project into the queue.
   *
   * @param scheduleId of the schedule that it belongs to; null for none
   * @return the job with its run; an earlier one, if the key says so
   * @throws MillraceException INVALID_PARAMETER_VALUE if the key was used for something else, or
   *     too many jobs would wait for each other; what the tracking store says of the run
   */
  JobRow create(Submission submission, @Nullable String scheduleId) {
    check(submission);
    JobRow draft =
        JobRow.draft(
            submission.spec(),
            submission.parentRunId(),
            Objects.requireNonNullElse(Caller.current().user(), ""),
            depth(submission.parentRunId()),
            scheduleId,
            null);
    try {
      database.transaction(
          tx ->
              store.insert(
                  tx, draft, submission.idempotencyKey(), submission.digest(), HAND_MILLIS));
    } catch (MillraceException e) {
      String key = submission.idempotencyKey();
      if (e.code() != ErrorCode.RESOURCE_ALREADY_EXISTS || key == null) {
        throw e;
      }
      return known(key, submission.digest());
    }
    JobRow job = get(draft.jobId());
    String runId;
    try {
      runId = recorder.create(job);
    } catch (MillraceException e) {
      if (Recorder.isFinal(e)) {
        database.change(tx -> store.delete(tx, job));
      } else {
        // Perhaps there is a run: a worker looks for it and ends both.
        database.change(tx -> store.requestCancel(tx, job.jobNo()));
      }
      throw e;
    }
    boolean isQueued =
        database.transaction(
            tx -> queue.setRun(tx, job, runId) && queue.enqueue(tx, job, false, null));
    if (!isQueued) {
      throw new MillraceException(
          ErrorCode.TEMPORARILY_UNAVAILABLE, "Handing in the job took too long.");
    }
    worker.ifPresent(Worker::hint);
    return get(job.jobId());
  }

  /**
   * Finds out what can be found out at once.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if a job would fail for its project;
   *     NOT_IMPLEMENTED where projects are switched off
   */
  void check(Submission submission) {
    Snapshots.requireOn(engine.isPresent());
    if (submission.spec().source() instanceof JobSource.Snapshot) {
      // It is here already, so what is wrong with it can be said before there is a run.
      inspections.inspect(submission);
    }
  }

  /**
   * What a job would do, without making one.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it would fail for its project
   */
  Inspector.Inspection validate(Submission submission) {
    Snapshots.requireOn(engine.isPresent());
    return inspections.inspect(submission);
  }

  /**
   * How many jobs wait for one with this run above it: of the nearest unfinished job above it, and
   * one more.
   */
  private int depth(@Nullable String parentRunId) {
    String runId = parentRunId;
    for (int i = 0; runId != null && i <= Worker.MAX_DEPTH; i++) {
      String above = recorder.parent(runId);
      String each = runId;
      Long depth = database.<@Nullable Long>read(tx -> store.depth(tx, each));
      if (depth != null) {
        if (depth >= Worker.MAX_DEPTH) {
          throw MillraceException.invalidParameter(
              "Invalid value for parameter 'parent_run_id' supplied: jobs may be nested %d deep."
                  .formatted(Worker.MAX_DEPTH));
        }
        return depth.intValue() + 1;
      }
      runId = above;
    }
    return 0;
  }

  /** The job that was handed in with this key, when it has its run. */
  private JobRow known(String key, String digest) {
    for (long waited = 0; ; waited += RUN_POLL_MILLIS) {
      JobStore.Known known =
          database.<JobStore.@Nullable Known>read(tx -> store.findByKey(tx, key));
      if (known == null || (known.job().runId() == null && waited >= RUN_WAIT_MILLIS)) {
        throw new MillraceException(
            ErrorCode.TEMPORARILY_UNAVAILABLE,
            "The job with this idempotency_key is still being handed in.");
      }
      if (!known.requestDigest().equals(digest)) {
        throw MillraceException.invalidParameter(
            "Invalid value for parameter 'idempotency_key' supplied: it was used for another job.");
      }
      if (known.job().runId() != null) {
        return known.job();
      }
      sleep(RUN_POLL_MILLIS);
    }
  }

  /**
   * A job.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  JobRow get(String jobId) {
    JobRow job = database.<@Nullable JobRow>read(tx -> store.find(tx, jobId));
    if (job == null) {
      throw missing(jobId);
    }
    return job;
  }

  /**
   * The code of a job's last attempt, packed for the container that runs it; to be closed.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such job, or it runs in no
   *     container, or the attempt has ended
   */
  InputStream code(String jobId) {
    JobRow job = get(jobId);
    String name = job.site() == null ? null : job.attemptName();
    Path file = engine.isEmpty() || name == null ? null : engine.get().code(name);
    try {
      if (file != null) {
        return Files.newInputStream(file);
      }
    } catch (NoSuchFileException e) {
      // As if there had never been any.
    } catch (IOException e) {
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "The code cannot be read", e);
    }
    throw MillraceException.notFound("Job '%s' has no code to download.".formatted(jobId));
  }

  /**
   * The job that has a token.
   *
   * @throws MillraceException UNAUTHENTICATED if none has, or not any more
   */
  JobRow authenticate(JobToken token) {
    JobRow job = database.<@Nullable JobRow>read(tx -> store.findByToken(tx, token.hash()));
    if (job == null) {
      throw new MillraceException(
          ErrorCode.UNAUTHENTICATED,
          "The token is of no job that runs: it has ended, or never was.");
    }
    return job;
  }

  /**
   * A page of jobs, the newest first.
   *
   * @param state empty for all
   * @param experimentId empty for all
   * @param scheduleId empty for all, also those of none
   * @param maxResults 1 to 1,000; null for 100
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Page<JobRow> list(
      String state,
      String experimentId,
      String scheduleId,
      @Nullable Long maxResults,
      String pageToken) {
    PageQuery query =
        JobStore.query(
            state.isEmpty() ? null : state(state),
            experimentId.isEmpty() ? null : experimentId,
            scheduleId.isEmpty() ? null : scheduleId);
    return Pages.read(
        database,
        query,
        List.of("jobs", state, experimentId, scheduleId),
        maxResults,
        pageToken,
        JobStore::read);
  }

  private static JobState state(String name) {
    try {
      return JobState.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw Rules.invalid("state", "'" + name + "'", null);
    }
  }

  /**
   * Asks for the end of a job. One that is in nobody's hands has ended when this returns; one that
   * has ended already stays as it is.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  JobRow cancel(String jobId) {
    boolean[] mayRun = new boolean[1];
    JobRow seized =
        database.<@Nullable JobRow>transaction(
            tx -> {
              JobRow job = store.lock(tx, jobId);
              if (job == null) {
                throw missing(jobId);
              }
              return switch (job.state()) {
                case QUEUED, NEEDS_RECOVERY -> {
                  mayRun[0] = job.site() != null;
                  store.seize(tx, job.jobNo(), true, HAND_MILLIS);
                  yield store.find(tx, jobId);
                }
                case CLAIMED, PREPARING, RUNNING -> {
                  store.requestCancel(tx, job.jobNo());
                  yield null;
                }
                case FINISHED, FAILED, KILLED, TIMED_OUT -> null;
              };
            });
    if (seized != null) {
      if (mayRun[0]) {
        // Until nobody believes its token any more.
        sleep(JobToken.BELIEVED.toMillis());
      }
      end(seized);
    }
    JobRow job = get(jobId);
    if (job.isCancelled()) {
      worker.ifPresent(here -> here.cancel(job.jobNo()));
    }
    return job;
  }

  private void end(JobRow job) {
    if (job.runId() != null) {
      try {
        recorder.end(job.runId(), RunStatus.KILLED, database.read(JobStore::now));
      } catch (MillraceException e) {
        if (!Recorder.isFinal(e)) {
          // A worker ends both later.
          throw e;
        }
        log.warn("The run of job {} does not know its end: {}", job.jobId(), e.text());
      }
    }
    database.transaction(tx -> queue.end(tx, job, JobState.KILLED, null, null));
  }

  /**
   * Puts a job that did not finish into the queue again.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE in another state
   */
  JobRow retry(String jobId) {
    Snapshots.requireOn(engine.isPresent());
    JobRow job =
        database.transaction(
            tx -> {
              JobRow locked = store.lock(tx, jobId);
              if (locked == null) {
                throw missing(jobId);
              }
              switch (locked.state()) {
                case FAILED, KILLED, TIMED_OUT -> {}
                case QUEUED, CLAIMED, PREPARING, RUNNING, NEEDS_RECOVERY, FINISHED ->
                    throw MillraceException.invalidParameter(
                        "Job '%s' is %s: only jobs that are FAILED, KILLED or TIMED_OUT can be"
                                .formatted(jobId, locked.state())
                            + " tried again.");
              }
              store.seize(tx, locked.jobNo(), false, HAND_MILLIS);
              return Objects.requireNonNull(store.find(tx, jobId));
            });
    String runId = job.runId();
    if (runId != null) {
      try {
        recorder.update(runId, RunStatus.SCHEDULED);
      } catch (MillraceException e) {
        if (Recorder.isFinal(e)) {
          database.transaction(tx -> queue.end(tx, job, JobState.FAILED, null, e.text()));
        }
        throw e;
      }
      if (database.transaction(tx -> queue.enqueue(tx, job, false, null))) {
        worker.ifPresent(Worker::hint);
      }
    }
    return get(jobId);
  }

  /**
   * What the command of the last attempt has printed.
   *
   * @param offset in bytes
   * @param waitSeconds how long to wait for something new, 0 to 30
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE naming the
   *     parameter; TEMPORARILY_UNAVAILABLE if the log is on another machine, or it cannot be told
   */
  Log log(String jobId, long offset, long waitSeconds) {
    if (offset < 0) {
      throw Rules.invalid("offset", "" + offset, null);
    }
    if (waitSeconds < 0 || waitSeconds > MAX_WAIT_SECONDS) {
      throw MillraceException.invalidParameter(
          "Invalid value %d for parameter 'wait_seconds' supplied: it must be from 0 to %d."
              .formatted(waitSeconds, MAX_WAIT_SECONDS));
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
    while (true) {
      JobRow job = get(jobId);
      LogChunk chunk = chunk(job, offset);
      boolean isEnd = job.state().isEnd();
      if (!chunk.text().isEmpty() || isEnd || System.nanoTime() >= end) {
        return new Log(chunk.text(), chunk.nextOffset(), isEnd && chunk.text().isEmpty());
      }
      sleep(LOG_POLL_MILLIS);
    }
  }

  private LogChunk chunk(JobRow job, long offset) {
    String name = job.attemptName();
    if (name == null) {
      return new LogChunk("", offset);
    }
    try {
      if (engine.isEmpty() || (job.site() != null && !job.site().equals(engine.get().site()))) {
        throw new MillraceException(
            ErrorCode.TEMPORARILY_UNAVAILABLE,
            "The log of job '%s' is on another machine.".formatted(job.jobId()));
      }
      return engine.get().log(name, offset, LOG_BYTES);
    } catch (EngineUnavailableException e) {
      throw new MillraceException(
          ErrorCode.TEMPORARILY_UNAVAILABLE, "The log cannot be read now: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "The log cannot be read", e);
    }
  }

  private static MillraceException missing(String jobId) {
    return MillraceException.notFound("Job '%s' does not exist.".formatted(jobId));
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(ErrorCode.TEMPORARILY_UNAVAILABLE, "Interrupted", e);
    }
  }
}
