package dev.millrace.platform.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.proto.DeleteRunRequest;
import dev.millrace.proto.DeleteRunResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.GetRunResponse;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunServiceGrpc.RunServiceBlockingStub;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.SetTagResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessInterceptorTest {

  private static final class Runs extends RunServiceGrpc.RunServiceImplBase {

    private int changes;

    @Override
    public void getRun(GetRunRequest request, StreamObserver<GetRunResponse> observer) {
      Reply.send(observer, GetRunResponse.getDefaultInstance());
    }

    @Override
    public void setTag(SetTagRequest request, StreamObserver<SetTagResponse> observer) {
      changes++;
      Reply.send(observer, SetTagResponse.getDefaultInstance());
    }

    @Override
    public void deleteRun(DeleteRunRequest request, StreamObserver<DeleteRunResponse> observer) {
      changes++;
      Reply.send(observer, DeleteRunResponse.getDefaultInstance());
    }
  }

  private static void onlyItsOwn(String run, Message request) {
    if (!(request instanceof SetTagRequest tag && tag.getRunId().equals(run))) {
      throw Access.refused();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process:access", "127.0.0.1:0"})
  void jobsChangeWhatTheServiceLetsThem(String listen) {
    Target target = Target.parse(listen);
    Runs service = new Runs();
    try (GrpcHost host =
        GrpcHost.start(target, () -> {}, AccessInterceptorTest::onlyItsOwn, List.of(service))) {
      ManagedChannel channel =
          (host.port() < 0 ? target : new Target.Tcp("127.0.0.1", host.port())).connect();
      try {
        RunServiceBlockingStub runs = RunServiceGrpc.newBlockingStub(channel);
        asJob(() -> assertThat(runs.getRun(get("other"))).isNotNull());
        asJob(() -> assertThat(runs.setTag(tag("own"))).isNotNull());
        asJob(() -> assertRefused(() -> runs.setTag(tag("other"))));
        asJob(() -> assertRefused(() -> runs.deleteRun(delete("own"))));
        assertThat(service.changes).isEqualTo(1);
        // What is wrong with a request is told first, as everybody is told.
        asJob(
            () ->
                assertThatThrownBy(() -> runs.setTag(SetTagRequest.getDefaultInstance()))
                    .hasMessageContaining("run_id"));
        new Caller("anna").context().run(() -> runs.setTag(tag("other")));
        assertThat(runs.deleteRun(delete("other"))).isNotNull();
        assertThat(service.changes).isEqualTo(3);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static void asJob(Runnable action) {
    new Caller("anna", "own").context().run(action);
  }

  private static GetRunRequest get(String run) {
    return GetRunRequest.newBuilder().setRunId(run).build();
  }

  private static SetTagRequest tag(String run) {
    return SetTagRequest.newBuilder().setRunId(run).setKey("k").build();
  }

  private static DeleteRunRequest delete(String run) {
    return DeleteRunRequest.newBuilder().setRunId(run).build();
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
  }
}
