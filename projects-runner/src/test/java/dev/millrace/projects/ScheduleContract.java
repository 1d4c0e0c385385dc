package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.projects.RunningProjects.Settings;
import dev.millrace.projects.engine.LocalEngine;
import dev.millrace.projects.engine.Resources;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.CreateScheduleRequest;
import dev.millrace.proto.DeleteScheduleRequest;
import dev.millrace.proto.GetScheduleRequest;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobConfig;
import dev.millrace.proto.JobParameter;
import dev.millrace.proto.JobResources;
import dev.millrace.proto.JobSource;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.ListSchedulesRequest;
import dev.millrace.proto.ListSchedulesResponse;
import dev.millrace.proto.PauseScheduleRequest;
import dev.millrace.proto.ResumeScheduleRequest;
import dev.millrace.proto.RunScheduleRequest;
import dev.millrace.proto.Schedule;
import dev.millrace.proto.SnapshotSource;
import dev.millrace.testing.Together;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Schedules and the jobs that they make. No test waits for a clock: a schedule's next time is set
 * to one that has been.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class ScheduleContract {

  private RunningTracking tracking;
  private String databaseUrl;
  private Database database;
  private Path folder;
  private final List<RunningProjects> runners = new ArrayList<>();

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeAll
  final void openTracking() {
    tracking = new RunningTracking();
  }

  @AfterAll
  final void closeTracking() {
    tracking.close();
  }

  @BeforeEach
  final void open(@TempDir Path temporary) {
    folder = temporary;
    databaseUrl = newDatabase();
    database = Database.open("projects-runner", DatabaseUrl.parse(databaseUrl), 8);
  }

  @AfterEach
  final void close() throws Exception {
    runners.forEach(RunningProjects::close);
    runners.clear();
    database.close();
    LocalEngine engine =
        new LocalEngine(folder.resolve("attempts"), "here", 100_000, Duration.ZERO);
    for (String name : engine.names()) {
      engine.end(name);
    }
  }

  private RunningProjects start(Settings settings) {
    RunningProjects runner =
        new RunningProjects(
            databaseUrl, tracking.target, folder, settings, RunningProjects::script);
    runners.add(runner);
    return runner;
  }

  private RunningProjects start() {
    return start(Settings.DEFAULT);
  }

  /** One that takes schedules and works on no job. */
  private RunningProjects frontDesk() {
    return start(Settings.DEFAULT.withMaxRunning(0));
  }

  @Test
  final void aScheduleMakesAJobForItsTime() {
    RunningProjects runner = start();
    Schedule[] created = new Schedule[1];
    new Caller("anna")
        .context()
        .run(
            () ->
                created[0] =
                    create(
                        runner,
                        request("0 3 * * *", "echo made")
                            .setName("nightly")
                            .setTimeZone("Europe/Berlin")));
    Schedule schedule = created[0];
    assertThat(schedule.getName()).isEqualTo("nightly");
    assertThat(schedule.getUser()).isEqualTo("anna");
    assertThat(schedule.getOverlap()).isEqualTo("skip");
    assertThat(schedule.getPaused()).isFalse();
    assertThat(schedule.hasLastJobId()).isFalse();
    assertThat(Instant.ofEpochMilli(schedule.getNextFireTime()))
        .isBetween(now(), now().plus(25, ChronoUnit.HOURS));
    due(schedule, 1);
    Job job = runner.await(onlyJob(runner, schedule).getJobId(), "FINISHED");
    assertThat(job.getScheduleId()).isEqualTo(schedule.getScheduleId());
    assertThat(job.getUser()).isEqualTo("anna");
    assertThat(tracking.tags(job.getRunId()))
        .containsEntry("millrace.schedule.id", schedule.getScheduleId())
        .containsEntry(
            "millrace.schedule.fire_time", Instant.ofEpochMilli(job.getFireTime()).toString())
        .containsEntry("mlflow.user", "anna")
        .containsEntry("millrace.job.id", job.getJobId());
    Schedule after = get(runner, schedule);
    assertThat(after.getNextFireTime()).isEqualTo(schedule.getNextFireTime());
    assertThat(after.getLastFireTime()).isEqualTo(job.getFireTime());
    assertThat(after.getLastJobId()).isEqualTo(job.getJobId());
    assertThat(after.getLastJobState()).isEqualTo("FINISHED");
    assertThat(after.hasMessage()).isFalse();
  }

  @Test
  final void forAllThatWasMissedThereIsOneJob() {
    RunningProjects runner = frontDesk();
    Instant last = now().minus(90, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.HOURS);
    int hour = last.atOffset(ZoneOffset.UTC).getHour();
    Schedule schedule = create(runner, request("0 %d * * *".formatted(hour), "true"));
    due(schedule, last.minus(40, ChronoUnit.DAYS).toEpochMilli());
    assertThat(onlyJob(runner, schedule).getFireTime()).isEqualTo(last.toEpochMilli());
    clock().fire();
    assertThat(jobs(runner, schedule)).hasSize(1);
  }

  @Test
  final void howeverManyLookThereIsOneJobForEachTime() {
    RunningProjects runner = frontDesk();
    List<Schedule> schedules = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      schedules.add(create(runner, request("0 0 1 1 *", "true").setOverlap("allow")));
    }
    for (int year = 2001; year <= 2003; year++) {
      long time = Instant.parse(year + "-01-01T00:00:00Z").toEpochMilli();
      schedules.forEach(schedule -> due(schedule, time));
      Together.run(8, worker -> clock().fire());
      schedules.forEach(schedule -> awaitNext(runner, schedule));
      // One job for all that was missed is for the last New Year; each round is for another.
      database.change(
          tx -> tx.update("UPDATE jobs SET fire_time = ? WHERE fire_time > ?", time, time));
      database.change(tx -> tx.update("UPDATE schedules SET last_fire_time = ?", time));
      for (Schedule schedule : schedules) {
        assertThat(jobs(runner, schedule)).hasSize(year - 2000);
      }
    }
  }

  @Test
  final void theDatabaseKnowsNoSecondJobForATime() {
    JobSpec spec =
        new JobSpec(
            new dev.millrace.projects.JobSource.Git("https://example.com/p", null, null),
            "main",
            Map.of(),
            "0",
            "",
            null,
            null,
            0,
            0,
            Resources.ANY);
    Database.Change insert =
        tx -> new JobStore().insert(tx, JobRow.draft(spec, null, "", 0, "s", 1L), null, "", 60_000);
    database.change(insert);
    assertThatThrownBy(() -> database.change(insert)).hasMessageContaining("refused");
  }

  @Test
  final void aTimeIsSkippedWhileAJobRuns() {
    RunningProjects runner = start();
    Schedule schedule =
        create(
            runner, request("0 0 1 1 *", "while [ ! -e " + folder + "/go ]; do sleep 0.02; done"));
    due(schedule, 1);
    Job job = runner.await(onlyJob(runner, schedule).getJobId(), "RUNNING");
    due(schedule, 2);
    Schedule after = awaitNext(runner, schedule);
    assertThat(after.getMessage())
        .isEqualTo(
            "There was no job for the last time: job '%s' had not ended."
                .formatted(job.getJobId()));
    assertThat(after.getLastJobState()).isEqualTo("RUNNING");
    assertThat(jobs(runner, schedule)).hasSize(1);
    touch("go");
    runner.await(job.getJobId(), "FINISHED");
    forget();
    due(schedule, 3);
    after = awaitNext(runner, schedule);
    assertThat(after.hasMessage()).isFalse();
    assertThat(jobs(runner, schedule)).hasSize(2);
  }

  @Test
  final void aTimeIsNotSkippedIfThatIsAllowed() {
    RunningProjects runner = start();
    Schedule schedule =
        create(
            runner,
            request("0 0 1 1 *", "while [ ! -e " + folder + "/go ]; do sleep 0.02; done")
                .setOverlap("allow"));
    due(schedule, 1);
    Job job = onlyJob(runner, schedule);
    runner.await(job.getJobId(), "RUNNING");
    forget();
    due(schedule, 2);
    awaitNext(runner, schedule);
    List<Job> two = jobs(runner, schedule);
    assertThat(two).hasSize(2);
    runner.await(two.getFirst().getJobId(), "RUNNING");
    touch("go");
    two.forEach(each -> runner.await(each.getJobId(), "FINISHED"));
  }

  @Test
  final void aJobThatCannotBeMadeIsToldOf() {
    RunningProjects runner = start();
    String experiment = tracking.newExperiment();
    Schedule schedule =
        create(
            runner,
            request("0 0 1 1 *", "true")
                .setJob(RunningProjects.request("true").setExperimentId(experiment)));
    tracking.deleteExperiment(experiment);
    due(schedule, 1);
    Job job = runner.await(onlyJob(runner, schedule).getJobId(), "FAILED");
    assertThat(job.hasRunId()).isFalse();
    Schedule after = get(runner, schedule);
    assertThat(after.getMessage())
        .isEqualTo(job.getMessage())
        .startsWith("The run cannot be written: ")
        .contains(experiment);
    assertThat(after.getLastJobState()).isEqualTo("FAILED");
    assertThat(after.getNextFireTime()).isEqualTo(schedule.getNextFireTime());
    // It goes on as soon as it can.
    forget();
    due(schedule, 2);
    awaitNext(runner, schedule);
    assertThat(jobs(runner, schedule)).hasSize(2);
  }

  @Test
  final void aScheduleThatIsPausedMakesNone() {
    RunningProjects runner = frontDesk();
    Schedule schedule = create(runner, request("*/5 * * * *", "true").setPaused(true));
    assertThat(schedule.getPaused()).isTrue();
    assertThat(schedule.hasNextFireTime()).isFalse();
    schedule = resume(runner, schedule);
    assertThat(schedule.getPaused()).isFalse();
    assertThat(schedule.getNextFireTime()).isPositive();
    assertThat(resume(runner, schedule)).isEqualTo(schedule);
    assertThat(pause(runner, schedule).getPaused()).isTrue();
    assertThat(pause(runner, schedule).getPaused()).as("again").isTrue();
    clock().fire();
    assertThat(jobs(runner, schedule)).isEmpty();
    assertThat(resume(runner, schedule).getNextFireTime())
        .as("what was missed meanwhile is not made up for")
        .isGreaterThan(now().toEpochMilli() - 1000);
    assertThat(jobs(runner, schedule)).isEmpty();
  }

  @Test
  final void aJobIsMadeAtOnceIfAUserWants() {
    RunningProjects runner = start();
    Schedule schedule = create(runner, request("0 0 1 1 *", "echo now").setPaused(true));
    Job job =
        runner
            .schedules
            .runSchedule(RunScheduleRequest.newBuilder().setScheduleId(id(schedule)).build())
            .getJob();
    assertThat(job.getRunId()).isNotEmpty();
    runner.await(job.getJobId(), "FINISHED");
    assertThat(job.getScheduleId()).isEqualTo(id(schedule));
    assertThat(job.hasFireTime()).isFalse();
    assertThat(tracking.tags(job.getRunId()))
        .containsEntry("millrace.schedule.id", id(schedule))
        .doesNotContainKey("millrace.schedule.fire_time");
    Schedule after = get(runner, schedule);
    assertThat(after.getLastJobId()).isEqualTo(job.getJobId());
    assertThat(after.hasLastFireTime()).isFalse();
    assertThat(after.getPaused()).isTrue();
  }

  @Test
  final void whatWasHandedInIsWhatIsMade() {
    RunningProjects runner = frontDesk();
    CreateJobRequest job =
        RunningProjects.request("true")
            .setEntryPoint("train")
            .setExperimentId(tracking.newExperiment())
            .setRunName("again")
            .setEnvManager("local")
            .setConfig(
                JobConfig.newBuilder()
                    .setTimeoutSeconds(7)
                    .setMaxRetries(2)
                    .setPriority(-3)
                    .setResources(
                        JobResources.newBuilder().setCpus(0.5).setMemoryBytes(1L << 30).setGpus(1)))
            .build();
    Schedule schedule = create(runner, request("@daily", "").setJob(job).setOverlap("allow"));
    assertThat(schedule.getJob()).isEqualTo(job);
    assertThat(schedule.getCron()).isEqualTo("@daily");
    assertThat(schedule.getTimeZone()).isEqualTo("UTC");
    due(schedule, 1);
    Job made = onlyJob(runner, schedule);
    assertThat(made.getConfig()).isEqualTo(job.getConfig());
    assertThat(made.getSource()).isEqualTo(job.getSource());
    assertThat(made.getParametersList()).isEqualTo(job.getParametersList());
    assertThat(made.getEntryPoint()).isEqualTo("train");
    assertThat(made.getEnvManager()).isEqualTo("local");
    assertThat(made.getExperimentId()).isEqualTo(job.getExperimentId());
    made = runner.await(made.getJobId(), "QUEUED");
    assertThat(tracking.run(made.getRunId()).getInfo().getRunName()).isEqualTo("again");
  }

  @Test
  final void aZoneThatIsNotKnownAnyMorePausesItsScheduleOnly() {
    RunningProjects runner = frontDesk();
    Schedule lost = create(runner, request("@daily", "true"));
    Schedule other = create(runner, request("@daily", "true"));
    database.change(
        tx ->
            tx.update(
                "UPDATE schedules SET time_zone = 'Mars/Phobos' WHERE schedule_id = ?", id(lost)));
    due(lost, 1);
    due(other, 2);
    onlyJob(runner, other);
    Schedule after = get(runner, lost);
    assertThat(after.getPaused()).isTrue();
    assertThat(after.getMessage()).startsWith("Invalid value 'Mars/Phobos'");
    assertThat(jobs(runner, lost)).isEmpty();
  }

  @Test
  final void aTimeThatHadItsJobIsNotTheNextAgain() {
    RunningProjects runner = frontDesk();
    Schedule schedule = create(runner, request("0 3 * * *", "true").setPaused(true));
    long last = now().plus(3, ChronoUnit.DAYS).toEpochMilli();
    database.change(tx -> tx.update("UPDATE schedules SET last_fire_time = ?", last));
    assertThat(resume(runner, schedule).getNextFireTime()).isGreaterThan(last);
  }

  @Test
  final void whatIsWrongIsRefused() {
    RunningProjects runner = frontDesk();
    String deleted = tracking.newExperiment();
    tracking.deleteExperiment(deleted);
    CreateScheduleRequest.Builder good = request("@daily", "true");
    refused(runner, "Missing value for required parameter 'cron'.", good.clone().clearCron());
    refused(runner, "Missing value for required parameter 'job'.", good.clone().clearJob());
    refused(
        runner,
        "Invalid value '61 * * * *' for parameter 'cron' supplied: 61 is not from 0 to 59.",
        good.clone().setCron("61 * * * *"));
    refused(
        runner,
        "Invalid value 'Mars/Phobos' for parameter 'time_zone' supplied:",
        good.clone().setTimeZone("Mars/Phobos"));
    refused(
        runner,
        "Invalid value 'kill' for parameter 'overlap' supplied: it must be skip or allow.",
        good.clone().setOverlap("kill"));
    refused(
        runner,
        "'name' exceeds the maximum length of 250 characters",
        good.clone().setName("x".repeat(251)));
    refused(
        runner,
        "Invalid value for parameter 'source' supplied: it must have either 'git' or 'snapshot'.",
        good.clone().setJob(CreateJobRequest.newBuilder().setSource(JobSource.newBuilder())));
    refused(
        runner,
        "Missing value for required parameter 'source'.",
        good.clone().setJob(CreateJobRequest.newBuilder().setEntryPoint("x")));
    refused(
        runner,
        "Missing value for required parameter 'parameters[1].key'.",
        good.clone()
            .setJob(RunningProjects.request("").addParameters(JobParameter.getDefaultInstance())));
    refused(
        runner,
        "Invalid value for parameter 'job.parent_run_id' supplied: jobs of a schedule have none.",
        good.clone().setJob(RunningProjects.request("").setParentRunId("a")));
    refused(
        runner,
        "Invalid value for parameter 'job.idempotency_key' supplied:",
        good.clone().setJob(RunningProjects.request("").setIdempotencyKey("a")));
    refused(
        runner,
        "Invalid value NaN for parameter 'config.resources.cpus' supplied:",
        good.clone().setJob(needing(JobResources.newBuilder().setCpus(Double.NaN))));
    refused(
        runner,
        "Invalid value 1 for parameter 'config.resources.memory_bytes' supplied:",
        good.clone().setJob(needing(JobResources.newBuilder().setMemoryBytes(1))));
    refused(
        runner,
        "Invalid value -1 for parameter 'config.resources.gpus' supplied:",
        good.clone().setJob(needing(JobResources.newBuilder().setGpus(-1))));
    refused(
        runner,
        "Invalid value '%s' for parameter 'experiment_id' supplied: the experiment is deleted."
            .formatted(deleted),
        good.clone().setJob(RunningProjects.request("").setExperimentId(deleted)));
    fails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No Experiment with id=4711 exists",
        () ->
            create(
                runner, good.clone().setJob(RunningProjects.request("").setExperimentId("4711"))));
    assertThat(list(runner, null, "").getSchedulesList()).isEmpty();
    Schedule none = Schedule.newBuilder().setScheduleId("x").build();
    String missing = "Schedule 'x' does not exist.";
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> get(runner, none),
            () -> pause(runner, none),
            () -> resume(runner, none),
            () -> delete(runner, none),
            () ->
                runner.schedules.runSchedule(
                    RunScheduleRequest.newBuilder().setScheduleId("x").build()))) {
      fails(ErrorCode.RESOURCE_DOES_NOT_EXIST, missing, call);
    }
  }

  private static CreateJobRequest.Builder needing(JobResources.Builder resources) {
    return RunningProjects.request("").setConfig(JobConfig.newBuilder().setResources(resources));
  }

  @Test
  final void schedulesAreListedPageByPageAndDeleted() {
    RunningProjects runner = frontDesk();
    List<Schedule> newest = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      newest.addFirst(create(runner, request("@daily", "true")));
    }
    List<Schedule> listed = new ArrayList<>();
    String token = "";
    do {
      ListSchedulesResponse page = list(runner, 2L, token);
      listed.addAll(page.getSchedulesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).isEqualTo(newest);
    due(newest.getFirst(), 1);
    Job job = onlyJob(runner, newest.getFirst());
    newest.forEach(schedule -> delete(runner, schedule));
    assertThat(list(runner, null, "").getSchedulesList()).isEmpty();
    assertThat(runner.get(job.getJobId()).getScheduleId()).isEqualTo(id(newest.getFirst()));
    fails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value 1001 for parameter 'max_results' supplied: it must be from 1 to 1000.",
        () -> list(runner, 1001L, ""));
  }

  @Test
  final void aSnapshotIsNeededByWhatWillRunIt() {
    RunningProjects runner = frontDesk();
    String ofSchedule = "a".repeat(64);
    String ofJob = "b".repeat(64);
    Schedule schedule = create(runner, request("@daily", "").setJob(ofSnapshot(ofSchedule)));
    Job job = runner.jobs.createJob(ofSnapshot(ofJob)).getJob();
    Set<String> asked = Set.of(ofSchedule, ofJob, "c".repeat(64));
    assertThat(needed(asked)).containsExactlyInAnyOrder(ofSchedule, ofJob);
    runner.cancel(job.getJobId());
    assertThat(needed(asked)).containsExactly(ofSchedule);
    due(schedule, 1);
    Job made = onlyJob(runner, schedule);
    delete(runner, schedule);
    assertThat(needed(asked)).containsExactly(ofSchedule);
    runner.await(made.getJobId(), "QUEUED");
    runner.cancel(made.getJobId());
    assertThat(needed(asked)).isEmpty();
  }

  private static CreateJobRequest ofSnapshot(String sha256) {
    return CreateJobRequest.newBuilder()
        .setSource(
            JobSource.newBuilder().setSnapshot(SnapshotSource.newBuilder().setSha256(sha256)))
        .build();
  }

  private Set<String> needed(Set<String> snapshots) {
    return database.read(tx -> new JobStore().needed(tx, snapshots));
  }

  @Test
  final void whereProjectsAreOffNoScheduleIsTaken() {
    RunningProjects runner = start(Settings.DEFAULT.withEngine("none"));
    fails(
        ErrorCode.NOT_IMPLEMENTED,
        "Projects are switched off on this server; its option '--projects local' switches them on.",
        () -> create(runner, request("@daily", "true")));
  }

  private static CreateScheduleRequest.Builder request(String cron, String script) {
    return CreateScheduleRequest.newBuilder().setCron(cron).setJob(RunningProjects.request(script));
  }

  private static Schedule create(RunningProjects runner, CreateScheduleRequest.Builder request) {
    return runner.schedules.createSchedule(request.build()).getSchedule();
  }

  private static String id(Schedule schedule) {
    return schedule.getScheduleId();
  }

  private static Schedule get(RunningProjects runner, Schedule schedule) {
    return runner
        .schedules
        .getSchedule(GetScheduleRequest.newBuilder().setScheduleId(id(schedule)).build())
        .getSchedule();
  }

  private static Schedule pause(RunningProjects runner, Schedule schedule) {
    return runner
        .schedules
        .pauseSchedule(PauseScheduleRequest.newBuilder().setScheduleId(id(schedule)).build())
        .getSchedule();
  }

  private static Schedule resume(RunningProjects runner, Schedule schedule) {
    return runner
        .schedules
        .resumeSchedule(ResumeScheduleRequest.newBuilder().setScheduleId(id(schedule)).build())
        .getSchedule();
  }

  private static void delete(RunningProjects runner, Schedule schedule) {
    var _ =
        runner.schedules.deleteSchedule(
            DeleteScheduleRequest.newBuilder().setScheduleId(id(schedule)).build());
  }

  private static ListSchedulesResponse list(
      RunningProjects runner, @Nullable Long size, String token) {
    ListSchedulesRequest.Builder request = ListSchedulesRequest.newBuilder().setPageToken(token);
    if (size != null) {
      request.setMaxResults(size);
    }
    return runner.schedules.listSchedules(request.build());
  }

  private static List<Job> jobs(RunningProjects runner, Schedule schedule) {
    return runner
        .jobs
        .listJobs(ListJobsRequest.newBuilder().setScheduleId(id(schedule)).build())
        .getJobsList();
  }

  /** The one job of a schedule, as soon as it is there. */
  private static Job onlyJob(RunningProjects runner, Schedule schedule) {
    List<Job> jobs = jobs(runner, schedule);
    while (jobs.isEmpty()) {
      RunningProjects.sleep();
      jobs = jobs(runner, schedule);
    }
    assertThat(jobs).hasSize(1);
    return jobs.getFirst();
  }

  /** The schedule, as soon as its next time is in the future. */
  private static Schedule awaitNext(RunningProjects runner, Schedule schedule) {
    Schedule now = get(runner, schedule);
    while (now.getNextFireTime() < schedule.getNextFireTime()) {
      RunningProjects.sleep();
      now = get(runner, schedule);
    }
    return now;
  }

  /** By the database's clock, which schedules go by. */
  private Instant now() {
    return Instant.ofEpochMilli(database.read(JobStore::now));
  }

  private ScheduleClock clock() {
    return new ScheduleClock(database, new ScheduleStore(), new JobStore());
  }

  private void due(Schedule schedule, long time) {
    database.change(
        tx ->
            tx.update(
                "UPDATE schedules SET next_fire_time = ? WHERE schedule_id = ?",
                time,
                id(schedule)));
  }

  /** What was made so far was made for no time: the last one in the past is free again. */
  private void forget() {
    database.change(tx -> tx.update("UPDATE jobs SET fire_time = NULL"));
  }

  private void touch(String name) {
    try {
      Files.createFile(folder.resolve(name));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void refused(
      RunningProjects runner, String message, CreateScheduleRequest.Builder request) {
    assertThatThrownBy(() -> create(runner, request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).startsWith(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }

  private static void fails(ErrorCode code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).isEqualTo(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(code);
            });
  }
}
