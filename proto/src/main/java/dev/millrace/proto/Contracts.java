package dev.millrace.proto;

import io.grpc.ServiceDescriptor;
import java.util.List;

/**
 * Every gRPC service of Millrace, by the process that serves it. A test compares this list with the
 * {@code .proto} files, so that a service cannot be forgotten here.
 */
public final class Contracts {

  /** The services of tracking-store. */
  public static final List<ServiceDescriptor> TRACKING_STORE =
      List.of(
          ExperimentServiceGrpc.getServiceDescriptor(),
          RunServiceGrpc.getServiceDescriptor(),
          MetricServiceGrpc.getServiceDescriptor(),
          DatasetServiceGrpc.getServiceDescriptor(),
          LoggedModelServiceGrpc.getServiceDescriptor());

  /** The services of artifact-store. */
  public static final List<ServiceDescriptor> ARTIFACT_STORE =
      List.of(ArtifactServiceGrpc.getServiceDescriptor());

  /** The services of registry-service. */
  public static final List<ServiceDescriptor> REGISTRY_SERVICE =
      List.of(
          RegisteredModelServiceGrpc.getServiceDescriptor(),
          ModelVersionServiceGrpc.getServiceDescriptor(),
          WebhookServiceGrpc.getServiceDescriptor(),
          RegistryHistoryServiceGrpc.getServiceDescriptor());

  /** The services of projects-runner. */
  public static final List<ServiceDescriptor> PROJECTS_RUNNER =
      List.of(
          JobServiceGrpc.getServiceDescriptor(),
          ScheduleServiceGrpc.getServiceDescriptor(),
          SnapshotServiceGrpc.getServiceDescriptor());

  private Contracts() {}
}
