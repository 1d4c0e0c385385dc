package dev.millrace.platform.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.access.Access;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.GetExperimentResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HandoverTest {

  private static final GetExperimentRequest REQUEST =
      GetExperimentRequest.newBuilder().setExperimentId("1").build();

  /** Leaves a text where one is wanted, and asks the next service first, without wanting one. */
  private static final class Leaving extends ExperimentServiceGrpc.ExperimentServiceImplBase {

    private final AtomicReference<@Nullable ManagedChannel> next = new AtomicReference<>();
    private boolean called;
    private boolean offered;

    @Override
    public void getExperiment(
        GetExperimentRequest request, StreamObserver<GetExperimentResponse> observer) {
      ManagedChannel behind = next.getAndSet(null);
      if (behind != null) {
        var _ = ExperimentServiceGrpc.newBlockingStub(behind).getExperiment(request);
      }
      called = true;
      Handover<String> place = Handover.offered(String.class);
      offered = place != null;
      if (place != null) {
        place.leave("left");
      }
      observer.onNext(GetExperimentResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  @ParameterizedTest
  @CsvSource({"in-process:leaving, true", "127.0.0.1:0, false"})
  void reachesServicesInItsProcessOnly(String listen, boolean reached) {
    Leaving leaving = new Leaving();
    Target target = Target.parse(listen);
    try (GrpcHost host = GrpcHost.start(target, () -> {}, Access.NONE, List.of(leaving))) {
      ManagedChannel channel =
          (host.port() < 0 ? target : new Target.Tcp("127.0.0.1", host.port())).connect();
      try {
        ExperimentServiceGrpc.ExperimentServiceBlockingStub stub =
            ExperimentServiceGrpc.newBlockingStub(channel);
        Handover<String> place = new Handover<>(String.class);
        assertThat(place.isPassed()).isFalse();
        var _ = place.on(stub).getExperiment(REQUEST);
        assertThat(leaving.called).isTrue();
        assertThat(leaving.offered).isEqualTo(reached);
        assertThat(place.isPassed()).isEqualTo(reached);
        assertThat(place.take()).isEqualTo(reached ? "left" : null);
        assertThat(place.take()).isNull();

        Handover<Integer> another = new Handover<>(Integer.class);
        var _ = another.on(stub).getExperiment(REQUEST);
        assertThat(leaving.offered).isFalse();
        assertThat(another.take()).isNull();

        var _ = stub.getExperiment(REQUEST);
        assertThat(leaving.offered).isFalse();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void isNotPassedOnToTheServiceBehind() {
    Leaving front = new Leaving();
    Leaving back = new Leaving();
    Target frontTarget = new Target.InProcess("handover-front");
    Target backTarget = new Target.InProcess("handover-back");
    try (GrpcHost _ = GrpcHost.start(frontTarget, () -> {}, Access.NONE, List.of(front));
        GrpcHost _ = GrpcHost.start(backTarget, () -> {}, Access.NONE, List.of(back))) {
      ManagedChannel toFront = frontTarget.connect();
      ManagedChannel toBack = backTarget.connect();
      try {
        front.next.set(toBack);
        Handover<String> place = new Handover<>(String.class);
        var _ = place.on(ExperimentServiceGrpc.newBlockingStub(toFront)).getExperiment(REQUEST);
        assertThat(back.called).isTrue();
        assertThat(back.offered).isFalse();
        assertThat(place.take()).isEqualTo("left");
      } finally {
        toFront.shutdownNow();
        toBack.shutdownNow();
      }
    }
  }
}
