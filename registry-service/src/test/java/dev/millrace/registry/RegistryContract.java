package dev.millrace.registry;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.GetRegisteredModelRequest;
import dev.millrace.proto.ListRegistryChangesRequest;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.RegisteredModel;
import dev.millrace.proto.RegisteredModelServiceGrpc;
import dev.millrace.proto.RegistryChange;
import dev.millrace.proto.RegistryFieldChange;
import dev.millrace.proto.RegistryHistoryServiceGrpc;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.testing.H2;
import dev.millrace.tracking.TrackingStore;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A registry of its own for each suite, with a real tracking store beside it, both called by gRPC
 * like in real life. Subclasses say on which database.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RegistryContract {

  protected RegistryService service;
  protected ManagedChannel channel;
  protected RegisteredModelServiceGrpc.RegisteredModelServiceBlockingStub models;
  protected ModelVersionServiceGrpc.ModelVersionServiceBlockingStub versions;
  protected ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments;
  protected RunServiceGrpc.RunServiceBlockingStub runs;
  protected LoggedModelServiceGrpc.LoggedModelServiceBlockingStub loggedModels;
  private RegistryHistoryServiceGrpc.RegistryHistoryServiceBlockingStub history;
  private ApplicationContext tracking;
  private ManagedChannel trackingChannel;

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeAll
  final void open() {
    String trackingStore = "in-process:" + UUID.randomUUID();
    tracking =
        ApplicationContext.run(
            Map.of(
                "millrace.tracking-store.database-url",
                H2.inMemory(),
                "millrace.tracking-store.listen",
                trackingStore),
            "tracking-store");
    tracking.getBean(TrackingStore.class);
    trackingChannel = Target.parse(trackingStore).connect();
    experiments = ExperimentServiceGrpc.newBlockingStub(trackingChannel);
    runs = RunServiceGrpc.newBlockingStub(trackingChannel);
    loggedModels = LoggedModelServiceGrpc.newBlockingStub(trackingChannel);
    String listen = "in-process:" + UUID.randomUUID();
    service =
        new RegistryService(
            configuration(newDatabase(), listen, trackingStore), WebhookSettings.defaults());
    service.start();
    channel = Target.parse(listen).connect();
    models = RegisteredModelServiceGrpc.newBlockingStub(channel);
    versions = ModelVersionServiceGrpc.newBlockingStub(channel);
    history = RegistryHistoryServiceGrpc.newBlockingStub(channel);
  }

  @AfterAll
  final void close() {
    channel.shutdownNow();
    service.stop();
    trackingChannel.shutdownNow();
    tracking.close();
  }

  /** The settings of the suite's registry. */
  RegistryConfiguration configuration(String databaseUrl, String listen, String trackingStore) {
    return new RegistryConfiguration(
        databaseUrl, listen, trackingStore, 8, "mlflow-artifacts:/", "", "");
  }

  /** A name no other test uses. */
  static String unique(String name) {
    return name + " " + UUID.randomUUID();
  }

  /** The name of a new model. */
  final String newModel() {
    String name = unique("model");
    models.createRegisteredModel(CreateRegisteredModelRequest.newBuilder().setName(name).build());
    return name;
  }

  final RegisteredModel model(String name) {
    return models
        .getRegisteredModel(GetRegisteredModelRequest.newBuilder().setName(name).build())
        .getRegisteredModel();
  }

  /** A new version of a model, from somewhere. */
  final ModelVersion newVersion(String name) {
    return create(
        CreateModelVersionRequest.newBuilder().setName(name).setSource("s3://bucket/model"));
  }

  final ModelVersion create(CreateModelVersionRequest.Builder request) {
    return versions.createModelVersion(request.build()).getModelVersion();
  }

  /** The id of a new experiment of the tracking store. */
  final String newExperiment() {
    return experiments
        .createExperiment(CreateExperimentRequest.newBuilder().setName(unique("exp")).build())
        .getExperimentId();
  }

  /** What happened to models of this name, the oldest first. */
  final List<RegistryChange> history(String name) {
    return history
        .listRegistryChanges(ListRegistryChangesRequest.newBuilder().setName(name).build())
        .getChangesList()
        .reversed();
  }

  /** What happened to models of this name, one line each: action, version, fields. */
  final List<String> changes(String name) {
    return history(name).stream().map(RegistryContract::line).toList();
  }

  private static String line(RegistryChange change) {
    StringBuilder line = new StringBuilder(change.getAction());
    if (change.hasVersion()) {
      line.append(" v").append(change.getVersion());
    }
    for (RegistryFieldChange field : change.getFieldsList()) {
      line.append(
          " %s:%s>%s"
              .formatted(
                  field.getField(),
                  field.hasOldValue() ? field.getOldValue() : "-",
                  field.hasNewValue() ? field.getNewValue() : "-"));
    }
    return line.toString();
  }

  /** Does something as a user. */
  static void as(String user, Runnable action) {
    new Caller(user).context().run(action);
  }

  /** Statements that {@code action} runs on the registry's database. */
  final long statements(Runnable action) {
    long before = service.database().statements();
    action.run();
    return service.database().statements() - before;
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
