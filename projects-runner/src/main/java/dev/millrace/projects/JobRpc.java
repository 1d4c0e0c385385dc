package dev.millrace.projects;

import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.projects.engine.Resources;
import dev.millrace.proto.AuthenticateJobRequest;
import dev.millrace.proto.AuthenticateJobResponse;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.DownloadJobCodeRequest;
import dev.millrace.proto.DownloadJobCodeResponse;
import dev.millrace.proto.GetJobLogsRequest;
import dev.millrace.proto.GetJobLogsResponse;
import dev.millrace.proto.GetJobRequest;
import dev.millrace.proto.GitSource;
import dev.millrace.proto.Job;
import dev.millrace.proto.JobConfig;
import dev.millrace.proto.JobParameter;
import dev.millrace.proto.JobResources;
import dev.millrace.proto.JobResponse;
import dev.millrace.proto.JobServiceGrpc.JobServiceImplBase;
import dev.millrace.proto.ListJobsRequest;
import dev.millrace.proto.ListJobsResponse;
import dev.millrace.proto.RetryJobRequest;
import dev.millrace.proto.SnapshotSource;
import dev.millrace.proto.ValidateProjectResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs on the wire. */
final class JobRpc extends JobServiceImplBase {

  private final Jobs jobs;

  JobRpc(Jobs jobs) {
    this.jobs = jobs;
  }

  @Override
  public void createJob(CreateJobRequest request, StreamObserver<JobResponse> observer) {
    Reply.send(observer, response(jobs.create(submission(request), null)));
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<JobResponse> observer) {
    Reply.send(observer, response(jobs.get(request.getJobId())));
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
    Page<JobRow> page =
        jobs.list(
            request.getState(),
            request.getExperimentId(),
            request.getScheduleId(),
            request.hasMaxResults() ? request.getMaxResults() : null,
            request.getPageToken());
    ListJobsResponse.Builder response = ListJobsResponse.newBuilder();
    page.rows().forEach(row -> response.addJobs(proto(row)));
    if (page.nextToken() != null) {
      response.setNextPageToken(page.nextToken());
    }
    Reply.send(observer, response.build());
  }

  @Override
  public void getJobLogs(GetJobLogsRequest request, StreamObserver<GetJobLogsResponse> observer) {
    Jobs.Log log = jobs.log(request.getJobId(), request.getOffset(), request.getWaitSeconds());
    Reply.send(
        observer,
        GetJobLogsResponse.newBuilder()
            .setText(log.text())
            .setNextOffset(log.nextOffset())
            .setEnd(log.isEnd())
            .build());
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<JobResponse> observer) {
    Reply.send(observer, response(jobs.cancel(request.getJobId())));
  }

  @Override
  public void retryJob(RetryJobRequest request, StreamObserver<JobResponse> observer) {
    Reply.send(observer, response(jobs.retry(request.getJobId())));
  }

  @Override
  public void validateProject(
      CreateJobRequest request, StreamObserver<ValidateProjectResponse> observer) {
    Inspector.Inspection inspection = jobs.validate(submission(request));
    ValidateProjectResponse.Builder response =
        ValidateProjectResponse.newBuilder().setCommand(inspection.command());
    inspection.params().forEach((key, value) -> response.addParams(parameter(key, value)));
    if (inspection.environment() != null) {
      response.setEnvironment(inspection.environment());
    }
    Reply.send(observer, response.build());
  }

  @Override
  public void downloadJobCode(
      DownloadJobCodeRequest request, StreamObserver<DownloadJobCodeResponse> receiver) {
    JobCodeCall.start(
        jobs.code(request.getJobId()),
        (ServerCallStreamObserver<DownloadJobCodeResponse>) receiver);
  }

  @Override
  public void authenticateJob(
      AuthenticateJobRequest request, StreamObserver<AuthenticateJobResponse> observer) {
    JobRow job = jobs.authenticate(new JobToken(request.getToken()));
    AuthenticateJobResponse.Builder response = AuthenticateJobResponse.newBuilder();
    if (job.runId() != null) {
      response.setRunId(job.runId());
    }
    if (!job.user().isEmpty()) {
      response.setUser(job.user());
    }
    Reply.send(observer, response.build());
  }

  /**
   * What a request wants.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  static Submission submission(CreateJobRequest request) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (JobParameter parameter : request.getParametersList()) {
      if (parameters.put(parameter.getKey(), parameter.getValue()) != null) {
        throw MillraceException.invalidParameter(
            "Invalid value for parameter 'parameters' supplied: '%s' is given twice."
                .formatted(parameter.getKey()));
      }
    }
    JobConfig config = request.getConfig();
    return new Submission(
        new JobSpec(
            source(request.getSource()),
            request.getEntryPoint().isEmpty() ? "main" : request.getEntryPoint(),
            parameters,
            request.getExperimentId().isEmpty() ? "0" : request.getExperimentId(),
            request.getRunName(),
            orNull(request.getEnvManager()),
            config.hasTimeoutSeconds() ? config.getTimeoutSeconds() : null,
            config.getMaxRetries(),
            config.getPriority(),
            resources(config.getResources())),
        // What a job hands in waits for it, and it for that.
        request.getParentRunId().isEmpty() ? Caller.current().run() : request.getParentRunId(),
        orNull(request.getIdempotencyKey()),
        digest(request));
  }

  private static Resources resources(JobResources resources) {
    return new Resources(
        resources.hasCpus() ? resources.getCpus() : null,
        resources.hasMemoryBytes() ? resources.getMemoryBytes() : null,
        resources.hasGpus() ? resources.getGpus() : null);
  }

  private static JobSource source(dev.millrace.proto.JobSource source) {
    if (source.hasGit() == source.hasSnapshot()) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'source' supplied: it must have either 'git' or"
              + " 'snapshot'.");
    }
    if (source.hasGit()) {
      GitSource git = source.getGit();
      return new JobSource.Git(
          git.getUri(), orNull(git.getVersion()), orNull(git.getSubdirectory()));
    }
    SnapshotSource snapshot = source.getSnapshot();
    if (snapshot.getSha256().isEmpty()) {
      throw Rules.missing("source.snapshot.sha256");
    }
    return new JobSource.Snapshot(
        snapshot.getSha256(),
        snapshot.getSourceName().isEmpty() ? snapshot.getSha256() : snapshot.getSourceName(),
        orNull(snapshot.getGitCommit()),
        orNull(snapshot.getGitRepoUrl()),
        orNull(snapshot.getGitBranch()));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String digest(CreateJobRequest request) {
    try {
      // It has no maps, so its bytes are the same for the same content.
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(request.toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static JobResponse response(JobRow row) {
    return JobResponse.newBuilder().setJob(proto(row)).build();
  }

  private static Job proto(JobRow row) {
    Job.Builder job =
        Job.newBuilder()
            .setJobId(row.jobId())
            .setState(row.state().name())
            .setExperimentId(row.spec().experimentId())
            .setSource(proto(row.spec().source()))
            .setEntryPoint(row.spec().entryPoint())
            .setConfig(config(row.spec()))
            .setCreationTime(row.creationTime())
            .setAttempts(row.attempts());
    row.spec().parameters().forEach((key, value) -> job.addParameters(parameter(key, value)));
    if (!row.user().isEmpty()) {
      job.setUser(row.user());
    }
    if (row.runId() != null) {
      job.setRunId(row.runId());
    }
    if (row.spec().envManager() != null) {
      job.setEnvManager(row.spec().envManager());
    }
    if (row.parentRunId() != null) {
      job.setParentRunId(row.parentRunId());
    }
    if (row.startTime() != null) {
      job.setStartTime(row.startTime());
    }
    if (row.endTime() != null) {
      job.setEndTime(row.endTime());
    }
    if (row.cancelTime() != null) {
      job.setCancelTime(row.cancelTime());
    }
    if (row.exitCode() != null) {
      job.setExitCode(row.exitCode());
    }
    if (row.message() != null) {
      job.setMessage(row.message());
    }
    if (row.scheduleId() != null) {
      job.setScheduleId(row.scheduleId());
    }
    if (row.fireTime() != null) {
      job.setFireTime(row.fireTime());
    }
    return job.build();
  }

  /** The request that {@link #submission} takes for the same. */
  static CreateJobRequest request(JobSpec spec) {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSource(proto(spec.source()))
            .setEntryPoint(spec.entryPoint())
            .setExperimentId(spec.experimentId())
            .setConfig(config(spec));
    spec.parameters().forEach((key, value) -> request.addParameters(parameter(key, value)));
    if (!spec.runName().isEmpty()) {
      request.setRunName(spec.runName());
    }
    if (spec.envManager() != null) {
      request.setEnvManager(spec.envManager());
    }
    return request.build();
  }

  private static JobParameter parameter(String key, String value) {
    return JobParameter.newBuilder().setKey(key).setValue(value).build();
  }

  private static JobConfig config(JobSpec spec) {
    JobConfig.Builder config =
        JobConfig.newBuilder().setMaxRetries(spec.maxRetries()).setPriority(spec.priority());
    if (spec.timeoutSeconds() != null) {
      config.setTimeoutSeconds(spec.timeoutSeconds());
    }
    Resources resources = spec.resources();
    if (!resources.equals(Resources.ANY)) {
      JobResources.Builder needed = JobResources.newBuilder();
      if (resources.cpus() != null) {
        needed.setCpus(resources.cpus());
      }
      if (resources.memoryBytes() != null) {
        needed.setMemoryBytes(resources.memoryBytes());
      }
      if (resources.gpus() != null) {
        needed.setGpus(resources.gpus());
      }
      config.setResources(needed);
    }
    return config.build();
  }

  private static dev.millrace.proto.JobSource proto(JobSource source) {
    dev.millrace.proto.JobSource.Builder proto = dev.millrace.proto.JobSource.newBuilder();
    switch (source) {
      case JobSource.Git git -> {
        GitSource.Builder builder = GitSource.newBuilder().setUri(git.uri());
        if (git.version() != null) {
          builder.setVersion(git.version());
        }
        if (git.subdirectory() != null) {
          builder.setSubdirectory(git.subdirectory());
        }
        proto.setGit(builder);
      }
      case JobSource.Snapshot snapshot -> {
        SnapshotSource.Builder builder =
            SnapshotSource.newBuilder().setSha256(snapshot.sha256()).setSourceName(snapshot.name());
        if (snapshot.commit() != null) {
          builder.setGitCommit(snapshot.commit());
        }
        if (snapshot.repoUrl() != null) {
          builder.setGitRepoUrl(snapshot.repoUrl());
        }
        if (snapshot.branch() != null) {
          builder.setGitBranch(snapshot.branch());
        }
        proto.setSnapshot(builder);
      }
    }
    return proto.build();
  }
}
