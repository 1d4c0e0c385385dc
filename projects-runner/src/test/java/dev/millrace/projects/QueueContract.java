package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.QueueStore.Limits;
import dev.millrace.projects.engine.Resources;
import dev.millrace.testing.Together;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue by its statements: who gets a job, who keeps it, and who is refused. */
@Timeout(120)
abstract class QueueContract {

  private static final long LEASE = 60_000;
  private static final String SITE = "host/here";

  private final JobStore store = new JobStore();
  private final QueueStore queue = new QueueStore();
  private Database database;

  /** A new, empty database. */
  abstract String newDatabase();

  /** How far its clock is ahead of this machine's. */
  Duration skew() {
    return Duration.ZERO;
  }

  @BeforeEach
  final void open() {
    database = Database.open("projects-runner", DatabaseUrl.parse(newDatabase()), 16);
  }

  @AfterEach
  final void close() {
    database.close();
  }

  @Test
  final void theGreatestPriorityGoesFirstThenTheOldest() {
    List<String> expected = new ArrayList<>();
    String low = add("", -1, 0);
    String first = add("", 0, 0);
    String second = add("", 0, 0);
    String high = add("", 5, 0);
    Collections.addAll(expected, high, first, second, low);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      claim("w", 1, 0).forEach(job -> order.add(job.jobId()));
    }
    assertThat(order).isEqualTo(expected);
    assertThat(claim("w", 1, 0)).isEmpty();
  }

  @Test
  final void aBatchIsInTheSameOrder() {
    String low = add("", -1, 0);
    String high = add("", 5, 0);
    assertThat(claim("w", 10, 0)).extracting(JobRow::jobId).containsExactly(high, low);
  }

  @Test
  final void eachJobIsTakenOnce() {
    int jobs = 400;
    for (int i = 0; i < jobs; i++) {
      add("", i % 3, 0);
    }
    ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Together.run(
        8,
        worker -> {
          do {
            List<JobRow> claimed = claim("worker-" + worker, 5, 0);
            claimed.forEach(job -> taken.add(job.jobId()));
            // As workers do: others are claiming at this moment.
            RunningProjects.sleep();
          } while (hasQueued() && System.nanoTime() < end);
        });
    assertThat(taken).hasSize(jobs);
    assertThat(new HashSet<>(taken)).hasSize(jobs);
  }

  @Test
  final void aClaimTakesAFixedNumberOfStatements() {
    for (int i = 0; i < 50; i++) {
      add("u" + i, 0, 0);
    }
    long before = database.statements();
    assertThat(claim("w", 20, 0)).hasSize(20);
    assertThat(database.statements() - before).isEqualTo(3);
    before = database.statements();
    assertThat(claim("w", 20, 3)).hasSize(20);
    assertThat(database.statements() - before).isEqualTo(5);
    before = database.statements();
    assertThat(claim("w", 20, new Limits(3, 100))).hasSize(10);
    assertThat(database.statements() - before).isEqualTo(7);
  }

  @Test
  final void depthsHaveQueuesOfTheirOwn() {
    String parent = add("", 0, 0);
    String child = add("", 9, 1);
    assertThat(claim("w", 10, 0)).extracting(JobRow::jobId).containsExactly(parent);
    assertThat(claimAt("w", 1)).extracting(JobRow::jobId).containsExactly(child);
  }

  @Test
  final void aUserHasNoMoreThanHisLimitInHand() {
    String first = add("anna", 9, 0);
    String second = add("anna", 9, 0);
    String third = add("anna", 9, 0);
    String other = add("bert", 0, 0);
    assertThat(claim("w", 10, 2)).extracting(JobRow::jobId).containsExactly(first, second, other);
    assertThat(claim("w", 10, 2)).isEmpty();
    end(find(first), JobState.FINISHED);
    assertThat(claim("w", 10, 2)).extracting(JobRow::jobId).containsExactly(third);
  }

  @Test
  final void aWorkspaceHasNoMoreThanItsLimitInHand() {
    String first = add("anna", 9, 0);
    String second = add("bert", 9, 0);
    String third = add("carl", 9, 0);
    String other = addTo("other", "anna");
    Limits limits = new Limits(0, 2);
    assertThat(claim("w", 10, limits))
        .extracting(JobRow::jobId)
        .containsExactly(first, second, other);
    assertThat(claim("w", 10, limits)).isEmpty();
    end(find(first), JobState.FINISHED);
    assertThat(claim("w", 10, limits)).extracting(JobRow::jobId).containsExactly(third);
  }

  @Test
  final void bothLimitsHold() {
    String anna = add("anna", 9, 0);
    add("anna", 9, 0);
    String bert = add("bert", 0, 0);
    add("carl", 0, 0);
    String elsewhere = addTo("other", "dora");
    assertThat(claim("w", 10, new Limits(1, 2)))
        .extracting(JobRow::jobId)
        .containsExactly(anna, bert, elsewhere);
    assertThat(claim("w", 10, new Limits(1, 2))).isEmpty();
  }

  @Test
  final void theLimitOfAWorkspaceHoldsWhenManyClaimAtOnce() {
    for (int i = 0; i < 20; i++) {
      add("u" + i, 0, 0);
      addTo("other", "u" + i);
    }
    ConcurrentLinkedQueue<JobRow> taken = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < 5; round++) {
      Together.run(8, worker -> taken.addAll(claim("worker-" + worker, 4, new Limits(2, 3))));
    }
    assertThat(taken).hasSize(6);
    assertThat(
            database.<List<Long>>read(
                tx ->
                    tx.query(
                        "SELECT COUNT(*) FROM jobs WHERE state = 'CLAIMED' GROUP BY workspace",
                        row -> row.longValue(1))))
        .containsExactly(3L, 3L);
  }

  @Test
  final void theLimitHoldsWhenManyClaimAtOnce() {
    for (int i = 0; i < 40; i++) {
      add(i % 2 == 0 ? "anna" : "bert", 0, 0);
    }
    ConcurrentLinkedQueue<JobRow> taken = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < 5; round++) {
      Together.run(8, worker -> taken.addAll(claim("worker-" + worker, 4, 3)));
    }
    assertThat(taken).filteredOn(job -> job.user().equals("anna")).hasSize(3);
    assertThat(taken).filteredOn(job -> job.user().equals("bert")).hasSize(3);
  }

  @Test
  final void whatIsInHandIsNotTakenOver() {
    add("", 0, 0);
    JobRow job = claim("a", 1, 0).getFirst();
    assertThat(takeOver("b", SITE)).isEmpty();
    assertThat(heartbeat("a")).containsExactly(new QueueStore.Sign(job.jobNo(), 2, false));
  }

  @Test
  final void whoseLeaseHasEndedLosesTheJobAndIsRefused() {
    add("", 0, 0);
    JobRow before = begin(claim("a", 1, 0).getFirst());
    expire("a");
    JobRow after = takeOver("b", SITE).getFirst();
    assertThat(after.fence()).isEqualTo(before.fence() + 1);
    assertThat(after.state()).isEqualTo(JobState.PREPARING);
    assertThat(after.attemptName()).isEqualTo(before.attemptName());
    assertThat(heartbeat("a")).isEmpty();
    assertThat(run(before)).isNull();
    assertThat(end(before, JobState.FINISHED)).isFalse();
    assertThat(enqueue(before, false)).isFalse();
    assertThat(begin(before, "again")).isNull();
    boolean isSet = database.transaction(tx -> queue.setRun(tx, before, "r"));
    assertThat(isSet).isFalse();
    assertThat(find(after.jobId()).state()).isEqualTo(JobState.PREPARING);
    assertThat(run(after)).isNotNull();
    assertThat(end(after, JobState.FINISHED)).isTrue();
    assertThat(end(after, JobState.FAILED)).as("twice").isFalse();
  }

  @Test
  final void anExpiredLeaseIsTakenOverOnce() {
    for (int i = 0; i < 50; i++) {
      add("", 0, 0);
    }
    claim("a", 50, 0);
    expire("a");
    ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
    Together.run(8, worker -> takeOver("w" + worker, SITE).forEach(job -> taken.add(job.jobId())));
    takeOver("last", SITE).forEach(job -> taken.add(job.jobId()));
    assertThat(taken).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  final void aHeartbeatKeepsTheLease() throws Exception {
    add("", 0, 0);
    database.change(tx -> queue.claim(tx, "a", 300, 0, 1, Limits.NONE));
    for (int i = 0; i < 8; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      database.change(tx -> queue.heartbeat(tx, "a", 300));
      assertThat(takeOver("b", SITE)).isEmpty();
    }
    TimeUnit.MILLISECONDS.sleep(400);
    assertThat(takeOver("b", SITE)).hasSize(1);
  }

  @Test
  final void whatMayRunElsewhereIsMarkedAndLeftToItsSite() {
    add("", 0, 0);
    JobRow job = begin(claim("a", 1, 0).getFirst());
    run(job);
    expire("a");
    assertThat(takeOver("b", "host/there")).isEmpty();
    assertThat(mark("host/there")).isEqualTo(1);
    assertThat(mark(SITE)).isZero();
    assertThat(find(job.jobId()).state()).isEqualTo(JobState.NEEDS_RECOVERY);
    assertThat(takeOver("b", "host/there")).isEmpty();
    // Its owner was only cut off.
    assertThat(heartbeat("a")).hasSize(1);
    assertThat(find(job.jobId()).state()).isEqualTo(JobState.RUNNING);
    expire("a");
    assertThat(mark("host/there")).isEqualTo(1);
    assertThat(takeOver("c", SITE)).hasSize(1);
  }

  @Test
  final void whatAProcessReleasesIsTakenAtOnce() {
    add("", 0, 0);
    begin(claim("a", 1, 0).getFirst());
    database.change(tx -> queue.release(tx, "a"));
    assertThat(takeOver("b", SITE)).hasSize(1);
  }

  @Test
  final void whatGoesBackHasItsOldPlace() {
    String first = add("", 0, 0);
    add("", 0, 0);
    JobRow job = begin(claim("a", 1, 0).getFirst());
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(enqueue(job, false)).isTrue();
    assertThat(find(first).attempts()).as("it never ran").isZero();
    JobRow again = claim("b", 1, 0).getFirst();
    assertThat(again.jobId()).isEqualTo(first);
    assertThat(again.fence()).isGreaterThan(job.fence());
    JobRow ran = begin(again);
    run(ran);
    assertThat(enqueue(ran, true)).isTrue();
    assertThat(find(first).attempts()).isEqualTo(1);
    assertThat(find(first).startTime()).isNull();
  }

  @Test
  final void whatIsCancelledDoesNotGoBack() {
    add("", 0, 0);
    JobRow job = begin(claim("a", 1, 0).getFirst());
    database.change(tx -> store.requestCancel(tx, job.jobNo()));
    assertThat(heartbeat("a")).containsExactly(new QueueStore.Sign(job.jobNo(), 2, true));
    assertThat(enqueue(job, true)).isFalse();
    assertThat(end(job, JobState.KILLED)).isTrue();
  }

  @Test
  final void aSeizedJobIsInNobodysHands() {
    add("", 0, 0);
    JobRow job = begin(claim("a", 1, 0).getFirst());
    database.change(tx -> store.seize(tx, job.jobNo(), true, LEASE));
    assertThat(heartbeat("a")).isEmpty();
    assertThat(end(job, JobState.FINISHED)).isFalse();
    JobRow seized = find(job.jobId());
    assertThat(seized.state()).isEqualTo(JobState.CLAIMED);
    assertThat(seized.isCancelled()).isTrue();
    assertThat(seized.site()).isNull();
  }

  @Test
  final void aKeyIsUsedOnce() {
    database.change(tx -> store.insert(tx, row("", 0, 0), "key", "digest", LEASE));
    assertThatThrownBy(
            () -> database.change(tx -> store.insert(tx, row("", 0, 0), "key", "other", LEASE)))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_ALREADY_EXISTS));
    JobStore.Known known =
        Objects.requireNonNull(
            database.<JobStore.@Nullable Known>read(tx -> store.findByKey(tx, "key")));
    assertThat(known.requestDigest()).isEqualTo("digest");
    database.change(tx -> store.insert(tx, row("", 0, 0), null, "digest", LEASE));
    database.change(tx -> store.insert(tx, row("", 0, 0), null, "digest", LEASE));
  }

  @Test
  final void whatWasHandedInIsWhatIsTaken() {
    JobRow given = row("änna", 3, 0);
    database.change(tx -> store.insert(tx, given, null, "digest", LEASE));
    JobRow found = find(given.jobId());
    assertThat(found.spec()).isEqualTo(given.spec());
    assertThat(found.spec().parameters()).containsExactlyEntriesOf(given.spec().parameters());
    assertThat(found.state()).isEqualTo(JobState.CLAIMED);
    assertThat(found.runId()).isNull();
    assertThat(Instant.ofEpochMilli(found.creationTime()))
        .isCloseTo(Instant.now().plus(skew()), within(1, ChronoUnit.MINUTES));
  }

  @Test
  final void aLongQueueCostsNoMore() {
    database.change(
        tx -> {
          for (int i = 0; i < 10_000; i++) {
            store.insert(tx, row(i % 2 == 0 ? "anna" : "u" + i, 0, 0), null, "digest", LEASE);
          }
        });
    database.change(tx -> tx.update("UPDATE jobs SET state = 'QUEUED', run_id = job_id"));
    database.change(tx -> tx.update("ANALYZE"));
    List<String> plan = plan();
    assertThat(String.join("\n", plan)).contains("jobs_queue").doesNotContain("Seq Scan on jobs");
    assertThat(claim("w", 3, 0)).hasSize(3);
    assertThat(claim("w", 3, 2)).hasSize(3);
    // Half of the queue is of a user who may run no more.
    for (int i = 0; i < 20; i++) {
      assertThat(claim("w", 3, 2)).hasSize(3).noneMatch(job -> job.user().equals("anna"));
    }
    assertThat(claim("w", 3, new Limits(2, 1000))).hasSize(3);
  }

  private List<String> plan() {
    return database.transaction(
        tx ->
            tx.query(
                "EXPLAIN SELECT job_no, user_name FROM jobs WHERE state = 'QUEUED' AND depth = 0"
                    + " ORDER BY state, depth, priority DESC, job_no LIMIT 3 FOR UPDATE SKIP"
                    + " LOCKED",
                row -> row.string(1)));
  }

  /** The id of a new job in the queue. */
  private String add(String user, int priority, int depth) {
    JobRow row = row(user, priority, depth);
    database.change(tx -> store.insert(tx, row, null, "digest", LEASE));
    assertThat(enqueue(find(row.jobId()), false)).isTrue();
    return row.jobId();
  }

  /** The id of a new job in the queue of another workspace. */
  private String addTo(String workspace, String user) {
    String jobId = add(user, 0, 0);
    database.change(
        tx -> {
          tx.update("UPDATE jobs SET workspace = ? WHERE job_id = ?", workspace, jobId);
          tx.upsert(
              "INSERT INTO job_workspaces (workspace) VALUES (?) ON CONFLICT DO NOTHING",
              "MERGE INTO job_workspaces (workspace) KEY (workspace) VALUES (?)",
              workspace);
        });
    return jobId;
  }

  private static JobRow row(String user, int priority, int depth) {
    return JobRow.draft(
        new JobSpec(
            new JobSource.Git("https://example.com/x.git", "main", "sub"),
            "main",
            Map.of("alpha", "0.5 \"é\""),
            "0",
            "",
            "uv",
            7L,
            0,
            priority,
            new Resources(0.5, 1L << 30, 2)),
        null,
        user,
        depth,
        null,
        null);
  }

  private boolean hasQueued() {
    return !database
        .read(
            tx ->
                tx.query(
                    "SELECT job_no FROM jobs WHERE state = 'QUEUED' LIMIT 1",
                    row -> row.longValue(1)))
        .isEmpty();
  }

  private JobRow find(String jobId) {
    return Objects.requireNonNull(database.<@Nullable JobRow>read(tx -> store.find(tx, jobId)));
  }

  private List<JobRow> claim(String owner, int most, int userLimit) {
    return claim(owner, most, new Limits(userLimit, 0));
  }

  private List<JobRow> claim(String owner, int most, Limits limits) {
    return database.transaction(tx -> queue.claim(tx, owner, LEASE, 0, most, limits));
  }

  private List<JobRow> claimAt(String owner, int depth) {
    return database.transaction(tx -> queue.claim(tx, owner, LEASE, depth, 10, Limits.NONE));
  }

  private List<JobRow> takeOver(String owner, String site) {
    return database.transaction(tx -> queue.takeOver(tx, owner, site, LEASE, 100));
  }

  private int mark(String site) {
    return database.transaction(tx -> queue.markForRecovery(tx, site, LEASE));
  }

  private List<QueueStore.Sign> heartbeat(String owner) {
    return database.transaction(tx -> queue.heartbeat(tx, owner, LEASE));
  }

  private JobRow begin(JobRow job) {
    return Objects.requireNonNull(begin(job, job.jobId() + "-" + job.fence()));
  }

  private @Nullable JobRow begin(JobRow job, String name) {
    return database.<@Nullable JobRow>transaction(
        tx -> queue.beginAttempt(tx, job, SITE, name, name));
  }

  private @Nullable Long run(JobRow job) {
    return database.<@Nullable Long>transaction(tx -> queue.run(tx, job));
  }

  private boolean end(JobRow job, JobState state) {
    return database.transaction(tx -> queue.end(tx, job, state, 0, null));
  }

  private boolean enqueue(JobRow job, boolean wasStarted) {
    return database.transaction(tx -> queue.enqueue(tx, job, wasStarted, null));
  }

  private void expire(String owner) {
    database.change(tx -> tx.update("UPDATE jobs SET lease_until = 1 WHERE owner = ?", owner));
  }
}
