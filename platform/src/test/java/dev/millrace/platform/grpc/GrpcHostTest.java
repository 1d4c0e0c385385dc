package dev.millrace.platform.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import dev.millrace.proto.SearchExperimentsRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GrpcHostTest {

  /** Fails with a message as long as the request says, in characters of three bytes. */
  private static final class Failing extends ExperimentServiceGrpc.ExperimentServiceImplBase {
    @Override
    public void getExperiment(
        GetExperimentRequest request, StreamObserver<GetExperimentResponse> observer) {
      throw new MillraceException(
          ErrorCode.RESOURCE_ALREADY_EXISTS,
          "日".repeat(Integer.parseInt(request.getExperimentId())));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process:failing", "127.0.0.1:0"})
  void errorsOfAnyLengthArrive(String listen) {
    Target target = Target.parse(listen);
    try (GrpcHost host = GrpcHost.start(target, () -> {}, List.of(new Failing()))) {
      ManagedChannel channel =
          (host.port() < 0 ? target : new Target.Tcp("127.0.0.1", host.port())).connect();
      try {
        assertError(channel, 10, "日".repeat(10));
        assertError(channel, 64_000, "日".repeat(64_000));
        assertError(channel, 1_000_000, "日".repeat(64_000) + "…");
      } finally {
        channel.shutdownNow();
      }
    }
  }

  /** Answers once it was called twice. */
  private static final class Meeting extends ExperimentServiceGrpc.ExperimentServiceImplBase {
    final CountDownLatch both = new CountDownLatch(2);
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @Override
    public void getExperiment(
        GetExperimentRequest request, StreamObserver<GetExperimentResponse> observer) {
      threads.add(Thread.currentThread());
      both.countDown();
      try {
        assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      Reply.send(observer, GetExperimentResponse.getDefaultInstance());
    }
  }

  @Test
  void callsOfThisProcessRunAtOnceAndOnTheirCallersThreads() throws Exception {
    Set<Thread> callers = ConcurrentHashMap.newKeySet();
    Meeting meeting = meet(stub -> stub, callers);
    assertThat(meeting.threads).isEqualTo(callers);
  }

  @Test
  void callsWithDeadlinesHaveThreadsOfTheirOwn() throws Exception {
    Set<Thread> callers = ConcurrentHashMap.newKeySet();
    Meeting meeting = meet(stub -> stub.withDeadlineAfter(30, TimeUnit.SECONDS), callers);
    assertThat(meeting.threads).hasSize(2).doesNotContainAnyElementsOf(callers);
  }

  private static Meeting meet(
      UnaryOperator<ExperimentServiceGrpc.ExperimentServiceBlockingStub> options,
      Set<Thread> callers)
      throws Exception {
    Target target = Target.parse("in-process:" + UUID.randomUUID());
    Meeting meeting = new Meeting();
    try (GrpcHost _ = GrpcHost.start(target, () -> {}, List.of(meeting));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ManagedChannel channel = target.connect();
      try {
        // The first call of a channel only connects it: it need not run on its caller's thread.
        assertThatThrownBy(
                () ->
                    ExperimentServiceGrpc.newBlockingStub(channel)
                        .searchExperiments(SearchExperimentsRequest.getDefaultInstance()))
            .isInstanceOf(StatusRuntimeException.class);
        Callable<GetExperimentResponse> call =
            () -> {
              callers.add(Thread.currentThread());
              return options
                  .apply(ExperimentServiceGrpc.newBlockingStub(channel))
                  .getExperiment(GetExperimentRequest.newBuilder().setExperimentId("1").build());
            };
        for (Future<GetExperimentResponse> answer : threads.invokeAll(List.of(call, call))) {
          assertThat(answer.get()).isEqualTo(GetExperimentResponse.getDefaultInstance());
        }
      } finally {
        channel.shutdownNow();
      }
    }
    return meeting;
  }

  private static void assertError(ManagedChannel channel, int length, String message) {
    assertThatThrownBy(
            () ->
                ExperimentServiceGrpc.newBlockingStub(channel)
                    .getExperiment(
                        GetExperimentRequest.newBuilder()
                            .setExperimentId(Integer.toString(length))
                            .build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              MillraceException error = Errors.fromStatus(e);
              assertThat(error.code()).isEqualTo(ErrorCode.RESOURCE_ALREADY_EXISTS);
              assertThat(error.text()).isEqualTo(message);
            });
  }
}
