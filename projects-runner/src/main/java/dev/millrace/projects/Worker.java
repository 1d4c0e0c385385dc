package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.projects.engine.Engine;
import dev.millrace.projects.engine.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs out of the queue, as many as there is room for, and those that another process has
 * lost; each is worked on by a thread of its own. Tells the database that it lives, and learns
 * there which jobs it has lost and which are cancelled.
 */
final class Worker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /**
   * How deep jobs may wait for each other; each depth has room of its own, so none waits for ever.
   */
  static final int MAX_DEPTH = 4;

  private static final long IDLE_MILLIS = 1000;
  private static final int TAKE_OVER_BATCH = 100;
  private static final long SWEEP_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final Database database;
  private final QueueStore queue;
  private final Engine engine;
  private final Attempt.Tools tools;
  private final ScheduleClock schedules;
  private final Snapshots snapshots;
  private final ProjectsConfiguration configuration;
  private final String owner = UUID.randomUUID().toString();
  private final long leaseMillis;
  private final Map<Long, Held> held = new ConcurrentHashMap<>();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Semaphore wake = new Semaphore(0);
  private final Semaphore stopped = new Semaphore(0);
  private final Thread taking;
  private final Thread beating;
  private volatile boolean isClosed;
  private long nextSweep = System.nanoTime();

  Worker(
      Database database,
      QueueStore queue,
      Engine engine,
      Attempt.Tools tools,
      ScheduleClock schedules,
      Snapshots snapshots,
      ProjectsConfiguration configuration) {
    this.database = database;
    this.queue = queue;
    this.engine = engine;
    this.tools = tools;
    this.schedules = schedules;
    this.snapshots = snapshots;
    this.configuration = configuration;
    this.leaseMillis = TimeUnit.SECONDS.toMillis(configuration.leaseSeconds());
    this.taking = Thread.ofPlatform().daemon().name("projects-queue").unstarted(this::take);
    this.beating = Thread.ofPlatform().daemon().name("projects-heartbeat").unstarted(this::beat);
  }

  void start() {
    taking.start();
    beating.start();
  }

  /** Something was put into the queue. */
  void hint() {
    wake.release();
  }

  /** A user wants a job cancelled, which may be here. */
  void cancel(long jobNo) {
    Held here = held.get(jobNo);
    if (here != null) {
      here.cancel();
    }
  }

  /**
   * Takes nothing more and leaves what runs running: whoever comes next finds it. What is being
   * prepared goes back to the queue then.
   */
  @Override
  public void close() {
    isClosed = true;
    wake.release();
    stopped.release();
    held.values().forEach(Held::interrupt);
    try {
      taking.join(STOP);
      beating.join(STOP);
      for (Thread thread : threads) {
        thread.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      database.change(tx -> queue.release(tx, owner));
    } catch (MillraceException e) {
      log.warn("Cannot give jobs back: others wait until their leases end", e);
    }
  }

  private void take() {
    while (!isClosed) {
      try {
        look();
      } catch (Exception e) {
        if (!isClosed) {
          log.warn("Cannot look for jobs", e);
        }
      }
      pause(wake, IDLE_MILLIS);
    }
  }

  private void look() throws Exception {
    // What they make is taken over below. They need no engine, which may be away.
    schedules.fire();
    String site = engine.site();
    // No clock that somebody may set.
    if (System.nanoTime() - nextSweep >= 0) {
      nextSweep = System.nanoTime() + SWEEP_NANOS;
      try {
        sweep();
      } catch (IOException | InterruptedException | RuntimeException e) {
        // A folder that cannot be deleted keeps nobody's job waiting.
        log.warn("Cannot tidy up: tried again in an hour", e);
      }
    }
    database.transaction(tx -> queue.markForRecovery(tx, site, leaseMillis));
    for (JobRow job :
        database.transaction(tx -> queue.takeOver(tx, owner, site, leaseMillis, TAKE_OVER_BATCH))) {
      hold(job, true);
    }
    for (int depth = 0; depth <= MAX_DEPTH && !isClosed; depth++) {
      int level = depth;
      int room =
          configuration.maxRunning()
              - (int) held.values().stream().filter(h -> h.job().depth() == level).count();
      if (room > 0) {
        for (JobRow job :
            database.transaction(
                tx -> queue.claim(tx, owner, leaseMillis, level, room, configuration.limits()))) {
          hold(job, false);
        }
      }
    }
  }

  private void hold(JobRow job, boolean isTakenOver) {
    // It starts when it is held: news must find it.
    Thread[] own = new Thread[1];
    own[0] =
        Thread.ofVirtual()
            .name("job-" + job.jobId())
            .unstarted(
                () -> {
                  Held mine = held.get(job.jobNo());
                  try {
                    if (mine != null) {
                      new Attempt(tools, mine, () -> isClosed).run(isTakenOver);
                    }
                  } finally {
                    held.remove(job.jobNo(), mine);
                    threads.remove(own[0]);
                    wake.release();
                  }
                });
    Held before = held.put(job.jobNo(), new Held(job, own[0]));
    if (before != null) {
      // This very process had it, and was too slow to say so.
      before.lose();
    }
    threads.add(own[0]);
    own[0].start();
  }

  private void beat() {
    long period = Math.min(leaseMillis / 3, 1000);
    while (!isClosed) {
      try {
        // Only what was held before: what is being taken now is not seen by the statement yet.
        List<Held> before = List.copyOf(held.values());
        Map<Long, QueueStore.Sign> signs =
            database.transaction(tx -> queue.heartbeat(tx, owner, leaseMillis)).stream()
                .collect(Collectors.toMap(QueueStore.Sign::jobNo, sign -> sign));
        for (Held each : before) {
          QueueStore.Sign sign = signs.get(each.job().jobNo());
          if (sign == null || sign.fence() != each.job().fence()) {
            each.lose();
          } else if (sign.isCancelled()) {
            each.cancel();
          }
        }
      } catch (RuntimeException e) {
        if (!isClosed) {
          log.warn("Cannot renew the leases of jobs", e);
        }
      }
      pause(stopped, period);
    }
  }

  private static void pause(Semaphore semaphore, long millis) {
    try {
      if (semaphore.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
        semaphore.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends what runs here for nobody, and deletes what it left, logs that have been kept for long
   * enough, and snapshots that nobody needs any more.
   */
  private void sweep() throws IOException, InterruptedException {
    Duration retention = Duration.ofDays(configuration.logRetentionDays());
    // First the folders, then the rows: each row is written before its folder.
    List<String> names = engine.names();
    List<String> folders = tools.folders().names();
    Set<String> wanted = new HashSet<>(database.read(queue::unfinished));
    for (String name : names) {
      if (!wanted.contains(name)) {
        if (engine.status(name) instanceof Status.Running) {
          engine.end(name);
        }
        if (engine.age(name).compareTo(retention) > 0) {
          engine.forget(name);
        }
      }
    }
    for (String name : folders) {
      if (!wanted.contains(name)) {
        tools.folders().delete(name);
      }
    }
    snapshots.sweep(
        Duration.ofDays(configuration.snapshotRetentionDays()),
        some -> database.read(tx -> tools.jobs().needed(tx, some)));
  }
}
