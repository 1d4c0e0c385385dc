package dev.millrace.projects;

import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.proto.CancelJobRequest;
import dev.millrace.proto.CreateJobRequest;
import dev.millrace.proto.RetryJobRequest;
import dev.millrace.proto.UploadSnapshotRequest;

/**
 * What a job changes here: it hands in jobs below its run, with the snapshots they need, and
 * cancels them and tries them again.
 */
final class JobAccess implements Access {

  private final Jobs jobs;
  private final Recorder recorder;

  JobAccess(Jobs jobs, Recorder recorder) {
    this.jobs = jobs;
    this.recorder = recorder;
  }

  @Override
  public void check(String run, Message request) {
    switch (request) {
      case UploadSnapshotRequest _ -> {
        // It is named by its content, so nothing of anybody's changes.
      }
      case CreateJobRequest creation ->
          recorder.requireEditable(
              creation.getParentRunId().isEmpty() ? run : creation.getParentRunId());
      case CancelJobRequest end -> checkJob(end.getJobId());
      case RetryJobRequest retry -> checkJob(retry.getJobId());
      default -> throw Access.refused();
    }
  }

  private void checkJob(String jobId) {
    String runId = jobs.get(jobId).runId();
    if (runId == null) {
      throw Access.refused();
    }
    recorder.requireEditable(runId);
  }
}
