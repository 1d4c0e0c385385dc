package dev.millrace.projects;

import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.DeleteExperimentRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunTag;
import dev.millrace.testing.H2;
import dev.millrace.tracking.TrackingStore;
import io.grpc.ManagedChannel;
import io.micronaut.context.ApplicationContext;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A real tracking store, in memory. */
final class RunningTracking implements AutoCloseable {

  final String target = "in-process:" + UUID.randomUUID();
  final ManagedChannel channel;
  private final ApplicationContext context;
  private final RunServiceGrpc.RunServiceBlockingStub runs;
  private final ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments;

  RunningTracking() {
    context =
        ApplicationContext.run(
            Map.of(
                "millrace.tracking-store.database-url",
                H2.inMemory(),
                "millrace.tracking-store.listen",
                target),
            "tracking-store");
    context.getBean(TrackingStore.class);
    channel = Target.parse(target).connect();
    runs = RunServiceGrpc.newBlockingStub(channel);
    experiments = ExperimentServiceGrpc.newBlockingStub(channel);
  }

  Run run(String runId) {
    return runs.getRun(GetRunRequest.newBuilder().setRunId(runId).build()).getRun();
  }

  Map<String, String> tags(String runId) {
    return run(runId).getData().getTagsList().stream()
        .collect(Collectors.toMap(RunTag::getKey, RunTag::getValue));
  }

  /** The id of a new experiment. */
  String newExperiment() {
    return experiments
        .createExperiment(
            CreateExperimentRequest.newBuilder().setName("e" + UUID.randomUUID()).build())
        .getExperimentId();
  }

  void deleteExperiment(String experimentId) {
    experiments.deleteExperiment(
        DeleteExperimentRequest.newBuilder().setExperimentId(experimentId).build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    context.close();
  }
}
