package dev.millrace.gateway;

import dev.millrace.platform.access.JobToken;
import dev.millrace.platform.call.Caller;
import dev.millrace.proto.AuthenticateJobRequest;
import dev.millrace.proto.AuthenticateJobResponse;
import dev.millrace.proto.JobServiceGrpc;
import dev.millrace.proto.JobServiceGrpc.JobServiceBlockingStub;
import io.grpc.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which jobs call, by the word of projects-runner. It is asked again when an answer is older than
 * {@link JobToken#BELIEVED}, counted from before it was asked.
 */
final class JobTokens {

  private static final long DEADLINE_SECONDS = 10;

  /** From so many on, old answers are thrown away. */
  private static final int MANY = 1000;

  private final JobServiceBlockingStub projects;
  private final Map<JobToken, Known> known = new ConcurrentHashMap<>();

  private record Known(Caller caller, long askedNanos) {
    boolean isBelieved(long nowNanos) {
      return nowNanos - askedNanos < JobToken.BELIEVED.toNanos();
    }
  }

  JobTokens(Channel projectsRunner) {
    this.projects = JobServiceGrpc.newBlockingStub(projectsRunner);
  }

  /**
   * The job of a token.
   *
   * @throws io.grpc.StatusRuntimeException UNAUTHENTICATED if there is no such job, or its attempt
   *     has ended
   */
  Caller caller(JobToken token) {
    long now = System.nanoTime();
    Known before = known.get(token);
    if (before != null && before.isBelieved(now)) {
      return before.caller();
    }
    AuthenticateJobResponse job =
        projects
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .authenticateJob(AuthenticateJobRequest.newBuilder().setToken(token.text()).build());
    Caller caller = new Caller(job.hasUser() ? job.getUser() : null, job.getRunId());
    if (known.size() >= MANY) {
      known.values().removeIf(each -> !each.isBelieved(now));
    }
    known.put(token, new Known(caller, now));
    return caller;
  }
}
