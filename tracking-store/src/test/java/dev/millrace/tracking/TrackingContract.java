package dev.millrace.tracking;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetMetricHistoryRequest;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.MetricServiceGrpc;
import dev.millrace.proto.Param;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.RunTag;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A tracking store of its own for each suite, called by gRPC like in real life. Subclasses say on
 * which database.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TrackingContract {

  protected TrackingStore store;
  protected ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments;
  protected RunServiceGrpc.RunServiceBlockingStub runs;
  protected MetricServiceGrpc.MetricServiceBlockingStub metrics;
  private String databaseUrl;
  protected ManagedChannel channel;

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeAll
  final void open() {
    databaseUrl = newDatabase();
    start();
  }

  @AfterAll
  final void close() {
    channel.shutdownNow();
    store.stop();
  }

  /** Stops the store and starts another one on the same database. */
  final void restart() {
    close();
    start();
  }

  /** A second store on the same database, as when the service runs twice. */
  record OtherStore(
      TrackingStore store, ManagedChannel channel, RunServiceGrpc.RunServiceBlockingStub runs)
      implements AutoCloseable {
    @Override
    public void close() {
      channel.shutdownNow();
      store.stop();
    }
  }

  final OtherStore openAnother() {
    String name = "in-process:" + UUID.randomUUID();
    TrackingStore other = open(name);
    ManagedChannel otherChannel = Target.parse(name).connect();
    return new OtherStore(other, otherChannel, RunServiceGrpc.newBlockingStub(otherChannel));
  }

  private TrackingStore open(String name) {
    TrackingStore opened =
        new TrackingStore(new TrackingConfiguration(databaseUrl, name, 8, "mlflow-artifacts:/"));
    opened.start();
    return opened;
  }

  private void start() {
    String name = "in-process:" + UUID.randomUUID();
    store = open(name);
    channel = Target.parse(name).connect();
    experiments = ExperimentServiceGrpc.newBlockingStub(channel);
    runs = RunServiceGrpc.newBlockingStub(channel);
    metrics = MetricServiceGrpc.newBlockingStub(channel);
  }

  /** A name no other test uses. */
  static String unique(String name) {
    return name + " " + UUID.randomUUID();
  }

  /** The id of a new experiment. */
  final String newExperiment() {
    return experiments
        .createExperiment(CreateExperimentRequest.newBuilder().setName(unique("exp")).build())
        .getExperimentId();
  }

  /** The id of a new run. */
  final String newRun(String experimentId) {
    return runs.createRun(CreateRunRequest.newBuilder().setExperimentId(experimentId).build())
        .getRun()
        .getInfo()
        .getRunId();
  }

  final Run run(String runId) {
    return runs.getRun(GetRunRequest.newBuilder().setRunId(runId).build()).getRun();
  }

  /** A point of a metric. */
  static Metric point(String key, double value, long timestamp, long step) {
    return Metric.newBuilder()
        .setKey(key)
        .setValue(value)
        .setTimestamp(timestamp)
        .setStep(step)
        .build();
  }

  static Param param(String key, String value) {
    return Param.newBuilder().setKey(key).setValue(value).build();
  }

  static RunTag tag(String key, String value) {
    return RunTag.newBuilder().setKey(key).setValue(value).build();
  }

  final void log(String runId, Metric... points) {
    runs.logBatch(
        LogBatchRequest.newBuilder().setRunId(runId).addAllMetrics(List.of(points)).build());
  }

  /** The whole history of a metric. */
  final List<Metric> history(String runId, String key) {
    return Parts.merge(
            metrics.getMetricHistory(
                GetMetricHistoryRequest.newBuilder().setRunId(runId).setMetricKey(key).build()))
        .getMetricsList();
  }

  /** Statements that {@code action} runs on the database. */
  final long statements(Runnable action) {
    long before = store.database().statements();
    action.run();
    return store.database().statements() - before;
  }

  /** Asserts that a call fails with this code and exactly this message. */
  static void assertFails(ErrorCode code, String message, ThrowingCallable call) {
    Assertions.assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              MillraceException error = Errors.fromStatus(e);
              Assertions.assertThat(error.text()).isEqualTo(message);
              Assertions.assertThat(error.code()).isEqualTo(code);
            });
  }

  /** Asserts that a call fails with this code. */
  static void assertFailsWith(ErrorCode code, ThrowingCallable call) {
    Assertions.assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> Assertions.assertThat(Errors.fromStatus(e).code()).isEqualTo(code));
  }
}
