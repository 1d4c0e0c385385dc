package dev.millrace.tracking;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
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

  private void start() {
    String name = "in-process:" + UUID.randomUUID();
    store =
        new TrackingStore(new TrackingConfiguration(databaseUrl, name, 8, "mlflow-artifacts:/"));
    store.start();
    channel = Target.parse(name).connect();
    experiments = ExperimentServiceGrpc.newBlockingStub(channel);
    runs = RunServiceGrpc.newBlockingStub(channel);
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
}
