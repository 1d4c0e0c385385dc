package dev.millrace.projects;

import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.ExperimentServiceGrpc.ExperimentServiceBlockingStub;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.Param;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunServiceGrpc.RunServiceBlockingStub;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.RunTag;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.UpdateRunRequest;
import dev.millrace.proto.ViewType;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the tracking store is told of a job: its run, with the tags, params and statuses that {@code
 * mlflow run} of mlflow 3.17.2 gives one ({@code projects/utils.py}, {@code
 * projects/backend/local.py}). Every call may be repeated.
 */
final class Recorder {

  /** By this tag a run is found whose making was interrupted. */
  static final String JOB_TAG = "millrace.job.id";

  /** Set if a job took longer than it may: the run itself has just failed. */
  static final String STATE_TAG = "millrace.job.state";

  /** Set to 2 and more if a job is tried again. */
  static final String ATTEMPT_TAG = "millrace.job.attempt";

  /** Set if a schedule made the job. */
  static final String SCHEDULE_TAG = "millrace.schedule.id";

  /** Set if the job is for one of the schedule's times: in ISO 8601, in UTC. */
  static final String FIRE_TIME_TAG = "millrace.schedule.fire_time";

  private static final String ACTIVE = "active";
  private static final String PARENT_TAG = "mlflow.parentRunId";
  private static final long DEADLINE_SECONDS = 30;

  /** The most params or tags of one request. */
  private static final int BATCH = 100;

  private final RunServiceBlockingStub runs;
  private final ExperimentServiceBlockingStub experiments;

  Recorder(Channel trackingStore) {
    this.runs = RunServiceGrpc.newBlockingStub(trackingStore);
    this.experiments = ExperimentServiceGrpc.newBlockingStub(trackingStore);
  }

  /** Whether asking again makes no difference: the tracking store has understood, and refuses. */
  static boolean isFinal(MillraceException e) {
    return switch (e.code()) {
      case TEMPORARILY_UNAVAILABLE, RESOURCE_EXHAUSTED, INTERNAL_ERROR -> false;
      case BAD_REQUEST,
          INVALID_PARAMETER_VALUE,
          RESOURCE_ALREADY_EXISTS,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          RESOURCE_DOES_NOT_EXIST,
          NOT_FOUND,
          ENDPOINT_NOT_FOUND,
          RESOURCE_CONFLICT,
          INVALID_STATE,
          FEATURE_DISABLED,
          NOT_IMPLEMENTED ->
          true;
    };
  }

  /**
   * Makes the run of a job that has just been handed in.
   *
   * @return its id
   */
  String create(JobRow job) {
    CreateRunRequest.Builder request =
        CreateRunRequest.newBuilder()
            .setExperimentId(job.spec().experimentId())
            .setUserId(job.user())
            .setStartTime(job.creationTime());
    if (!job.spec().runName().isEmpty()) {
      request.setRunName(job.spec().runName());
    }
    tags(job).forEach((key, value) -> request.addTags(tag(key, value)));
    String runId = call(stub -> stub.createRun(request.build()).getRun().getInfo().getRunId());
    update(runId, RunStatus.SCHEDULED);
    return runId;
  }

  private static Map<String, String> tags(JobRow job) {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!job.user().isEmpty()) {
      tags.put("mlflow.user", job.user());
    }
    tags.put("mlflow.source.name", job.spec().source().name());
    tags.put("mlflow.source.type", "PROJECT");
    tags.put("mlflow.project.entryPoint", job.spec().entryPoint());
    tags.put("mlflow.project.backend", "millrace");
    if (job.parentRunId() != null) {
      tags.put(PARENT_TAG, job.parentRunId());
    }
    if (job.spec().source() instanceof JobSource.Snapshot snapshot) {
      tags.putAll(git(snapshot.commit(), snapshot.repoUrl(), snapshot.branch()));
    }
    tags.put(JOB_TAG, job.jobId());
    put(tags, SCHEDULE_TAG, job.scheduleId());
    if (job.fireTime() != null) {
      tags.put(FIRE_TIME_TAG, Instant.ofEpochMilli(job.fireTime()).toString());
    }
    return tags;
  }

  /** The tags of what is known of a repository. */
  static Map<String, String> git(
      @Nullable String commit, @Nullable String repoUrl, @Nullable String branch) {
    Map<String, String> tags = new LinkedHashMap<>();
    put(tags, "mlflow.source.git.commit", commit);
    put(tags, "mlflow.source.git.repoURL", repoUrl);
    put(tags, "mlflow.source.git.branch", branch);
    return tags;
  }

  /** The run of a job, if one was made; null if not. */
  @Nullable String find(JobRow job) {
    SearchRunsRequest request =
        SearchRunsRequest.newBuilder()
            .addExperimentIds(job.spec().experimentId())
            .setFilter("tags.`%s` = '%s'".formatted(JOB_TAG, job.jobId()))
            .setRunViewType(ViewType.ALL)
            .setMaxResults(1)
            .build();
    List<Run> found = call(stub -> Parts.merge(stub.searchRuns(request)).getRunsList());
    return found.isEmpty() ? null : found.getFirst().getInfo().getRunId();
  }

  /**
   * The run above a run; null if there is none.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such run
   */
  @Nullable String parent(String runId) {
    GetRunRequest request = GetRunRequest.newBuilder().setRunId(runId).build();
    return call(stub -> stub.getRun(request).getRun().getData().getTagsList()).stream()
        .filter(tag -> tag.getKey().equals(PARENT_TAG))
        .map(RunTag::getValue)
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns if the caller may change a run.
   *
   * @throws MillraceException PERMISSION_DENIED; RESOURCE_DOES_NOT_EXIST
   */
  void requireEditable(String runId) {
    GetRunInfoRequest request = GetRunInfoRequest.newBuilder().setRunId(runId).build();
    call(stub -> stub.getEditableRunInfo(request));
  }

  /**
   * Makes sure that runs can be made in an experiment.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE if it is deleted
   */
  void requireActive(String experimentId) {
    GetExperimentRequest request =
        GetExperimentRequest.newBuilder().setExperimentId(experimentId).build();
    String stage;
    try {
      stage =
          experiments
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .getExperiment(request)
              .getExperiment()
              .getLifecycleStage();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
    if (!stage.equals(ACTIVE)) {
      throw MillraceException.invalidParameter(
          "Invalid value '%s' for parameter 'experiment_id' supplied: the experiment is %s."
              .formatted(experimentId, stage));
    }
  }

  /** Adds params and tags. */
  void describe(String runId, Map<String, String> params, Map<String, String> tags) {
    List<Param> allParams = new ArrayList<>();
    params.forEach(
        (key, value) -> allParams.add(Param.newBuilder().setKey(key).setValue(value).build()));
    for (int i = 0; i < allParams.size(); i += BATCH) {
      List<Param> some = allParams.subList(i, Math.min(i + BATCH, allParams.size()));
      log(LogBatchRequest.newBuilder().setRunId(runId).addAllParams(some).build());
    }
    if (!tags.isEmpty()) {
      LogBatchRequest.Builder request = LogBatchRequest.newBuilder().setRunId(runId);
      tags.forEach((key, value) -> request.addTags(tag(key, value)));
      log(request.build());
    }
  }

  private void log(LogBatchRequest request) {
    call(stub -> stub.logBatch(request));
  }

  /** The run waits, or runs. */
  void update(String runId, RunStatus status) {
    UpdateRunRequest request =
        UpdateRunRequest.newBuilder().setRunId(runId).setStatus(status).build();
    call(stub -> stub.updateRun(request));
  }

  /**
   * The run has ended.
   *
   * @param time when, by the database's clock, as all times of jobs
   */
  void end(String runId, RunStatus status, long time) {
    UpdateRunRequest request =
        UpdateRunRequest.newBuilder().setRunId(runId).setStatus(status).setEndTime(time).build();
    call(stub -> stub.updateRun(request));
  }

  private static void put(Map<String, String> tags, String key, @Nullable String value) {
    if (value != null) {
      tags.put(key, value);
    }
  }

  private static RunTag tag(String key, String value) {
    return RunTag.newBuilder().setKey(key).setValue(value).build();
  }

  private <T> T call(Function<RunServiceBlockingStub, T> call) {
    try {
      return call.apply(runs.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /** What a run that ended so says. */
  static RunStatus status(JobState state) {
    return switch (state) {
      case FINISHED -> RunStatus.FINISHED;
      case KILLED -> RunStatus.KILLED;
      case FAILED, TIMED_OUT -> RunStatus.FAILED;
      case QUEUED, CLAIMED, PREPARING, RUNNING, NEEDS_RECOVERY ->
          throw new IllegalArgumentException(state + " is no end");
    };
  }
}
