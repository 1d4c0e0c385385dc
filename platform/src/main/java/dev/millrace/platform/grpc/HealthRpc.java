package dev.millrace.platform.grpc;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standard health service, which looks instead of remembering: a process whose database is gone
 * is not serving.
 */
final class HealthRpc extends HealthGrpc.HealthImplBase {

  private static final Logger log = LoggerFactory.getLogger(HealthRpc.class);

  private final Runnable readiness;

  HealthRpc(Runnable readiness) {
    this.readiness = readiness;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    observer.onNext(HealthCheckResponse.newBuilder().setStatus(status()).build());
    observer.onCompleted();
  }

  private ServingStatus status() {
    try {
      readiness.run();
      return ServingStatus.SERVING;
    } catch (RuntimeException e) {
      log.warn("Not ready: {}", e.toString());
      return ServingStatus.NOT_SERVING;
    }
  }
}
