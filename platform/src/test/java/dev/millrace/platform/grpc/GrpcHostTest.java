package dev.millrace.platform.grpc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.access.Access;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.assertj.core.api.Assertions;
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
    try (GrpcHost host = GrpcHost.start(target, () -> {}, Access.NONE, List.of(new Failing()))) {
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
              Assertions.assertThat(error.code()).isEqualTo(ErrorCode.RESOURCE_ALREADY_EXISTS);
              Assertions.assertThat(error.text()).isEqualTo(message);
            });
  }
}
