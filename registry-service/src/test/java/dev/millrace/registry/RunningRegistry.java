package dev.millrace.registry;

import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.CreateWebhookRequest;
import dev.millrace.proto.DeleteRegisteredModelAliasRequest;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.RegisteredModelServiceGrpc;
import dev.millrace.proto.Webhook;
import dev.millrace.proto.WebhookAction;
import dev.millrace.proto.WebhookEntity;
import dev.millrace.proto.WebhookEvent;
import dev.millrace.proto.WebhookServiceGrpc;
import io.grpc.ManagedChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;

/** A registry as one of the processes on a database. It has no tracking store. */
final class RunningRegistry implements AutoCloseable {

  final RegistryService service;
  final WebhookServiceGrpc.WebhookServiceBlockingStub webhooks;
  final RegisteredModelServiceGrpc.RegisteredModelServiceBlockingStub models;
  final ModelVersionServiceGrpc.ModelVersionServiceBlockingStub versions;
  private final ManagedChannel channel;

  RunningRegistry(String databaseUrl, WebhookConfiguration configuration) {
    String listen = "in-process:" + UUID.randomUUID();
    service =
        new RegistryService(
            new RegistryConfiguration(
                databaseUrl, listen, "in-process:none", 8, "mlflow-artifacts:/", "", ""),
            configuration);
    service.start();
    channel = Target.parse(listen).connect();
    webhooks = WebhookServiceGrpc.newBlockingStub(channel);
    models = RegisteredModelServiceGrpc.newBlockingStub(channel);
    versions = ModelVersionServiceGrpc.newBlockingStub(channel);
  }

  static WebhookEvent event(WebhookEntity entity, WebhookAction action) {
    return WebhookEvent.newBuilder().setEntity(entity).setAction(action).build();
  }

  /** A webhook that wants everything that can happen to models and prompts. */
  Webhook webhook(String url, String secret) {
    CreateWebhookRequest.Builder request =
        CreateWebhookRequest.newBuilder().setName("w").setUrl(url).setSecret(secret);
    Arrays.stream(EventType.values())
        .map(
            type ->
                event(
                    WebhookEntity.valueOf(type.entity().toUpperCase(Locale.ROOT)),
                    WebhookAction.valueOf(type.action().toUpperCase(Locale.ROOT))))
        .forEach(request::addEvents);
    return webhooks.createWebhook(request.build()).getWebhook();
  }

  void createModel(String name) {
    models.createRegisteredModel(CreateRegisteredModelRequest.newBuilder().setName(name).build());
  }

  /**
   * Something that webhooks are told about a model, with a number by which it can be told apart: an
   * alias that was not there is gone.
   */
  void tell(String name, int number) {
    models.deleteRegisteredModelAlias(
        DeleteRegisteredModelAliasRequest.newBuilder()
            .setName(name)
            .setAlias("a" + number)
            .build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    service.stop();
  }
}
