package dev.millrace.registry;

import dev.millrace.platform.check.Rules;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateWebhookRequest;
import dev.millrace.proto.DeleteWebhookRequest;
import dev.millrace.proto.DeleteWebhookResponse;
import dev.millrace.proto.GetWebhookRequest;
import dev.millrace.proto.ListWebhooksRequest;
import dev.millrace.proto.ListWebhooksResponse;
import dev.millrace.proto.TestWebhookRequest;
import dev.millrace.proto.TestWebhookResponse;
import dev.millrace.proto.UpdateWebhookRequest;
import dev.millrace.proto.Webhook;
import dev.millrace.proto.WebhookAction;
import dev.millrace.proto.WebhookEntity;
import dev.millrace.proto.WebhookResponse;
import dev.millrace.proto.WebhookServiceGrpc;
import dev.millrace.proto.WebhookStatus;
import dev.millrace.proto.WebhookTestResult;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Webhooks on the wire. */
final class WebhookRpc extends WebhookServiceGrpc.WebhookServiceImplBase {

  private final Webhooks webhooks;

  WebhookRpc(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public void createWebhook(
      CreateWebhookRequest request, StreamObserver<WebhookResponse> observer) {
    List<EventType> events = events(request.getEventsList());
    WebhookRow webhook =
        webhooks.create(
            request.getName(),
            request.getDescription(),
            request.getUrl(),
            request.getSecret(),
            request.getStatus() != WebhookStatus.DISABLED,
            events);
    Reply.send(observer, response(webhook));
  }

  @Override
  public void listWebhooks(
      ListWebhooksRequest request, StreamObserver<ListWebhooksResponse> observer) {
    Page<WebhookRow> page = webhooks.list(request.getMaxResults(), request.getPageToken());
    ListWebhooksResponse.Builder response = ListWebhooksResponse.newBuilder();
    page.rows().forEach(row -> response.addWebhooks(proto(row)));
    if (page.nextToken() != null) {
      response.setNextPageToken(page.nextToken());
    }
    Reply.send(observer, response.build());
  }

  @Override
  public void getWebhook(GetWebhookRequest request, StreamObserver<WebhookResponse> observer) {
    Reply.send(observer, response(webhooks.get(request.getWebhookId())));
  }

  @Override
  public void updateWebhook(
      UpdateWebhookRequest request, StreamObserver<WebhookResponse> observer) {
    List<EventType> events = events(request.getEventsList());
    WebhookRow webhook =
        webhooks.update(
            request.getWebhookId(),
            request.getName(),
            request.hasDescription() ? request.getDescription() : null,
            request.getUrl(),
            request.hasSecret() ? request.getSecret() : null,
            isActive(request.getStatus()),
            events);
    Reply.send(observer, response(webhook));
  }

  @Override
  public void deleteWebhook(
      DeleteWebhookRequest request, StreamObserver<DeleteWebhookResponse> observer) {
    webhooks.delete(request.getWebhookId());
    Reply.send(observer, DeleteWebhookResponse.getDefaultInstance());
  }

  @Override
  public void testWebhook(
      TestWebhookRequest request, StreamObserver<TestWebhookResponse> observer) {
    EventType event = null;
    if (request.hasEvent()) {
      if (!request.getEvent().hasEntity()) {
        throw Rules.missing("event.entity");
      }
      if (!request.getEvent().hasAction()) {
        throw Rules.missing("event.action");
      }
      event = events(List.of(request.getEvent())).getFirst();
    }
    Webhooks.TestResult result = webhooks.test(request.getWebhookId(), event);
    WebhookTestResult.Builder proto = WebhookTestResult.newBuilder().setSuccess(result.success());
    if (result.status() != null) {
      proto.setResponseStatus(result.status());
    }
    if (result.body() != null) {
      proto.setResponseBody(result.body());
    }
    if (result.error() != null) {
      proto.setErrorMessage(result.error());
    }
    Reply.send(observer, TestWebhookResponse.newBuilder().setResult(proto).build());
  }

  private static List<EventType> events(List<dev.millrace.proto.WebhookEvent> events) {
    return events.stream()
        .map(
            event ->
                EventType.of(
                    event.getEntity().name().toLowerCase(Locale.ROOT),
                    event.getAction().name().toLowerCase(Locale.ROOT)))
        .toList();
  }

  private static @Nullable Boolean isActive(WebhookStatus status) {
    return switch (status) {
      case ACTIVE -> true;
      case DISABLED -> false;
      case WEBHOOK_STATUS_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  private static WebhookResponse response(WebhookRow row) {
    return WebhookResponse.newBuilder().setWebhook(proto(row)).build();
  }

  private static Webhook proto(WebhookRow row) {
    Webhook.Builder webhook =
        Webhook.newBuilder()
            .setWebhookId(row.webhookId())
            .setName(row.name())
            .setUrl(row.url())
            .setStatus(row.isActive() ? WebhookStatus.ACTIVE : WebhookStatus.DISABLED)
            .setCreationTimestamp(row.creationTime())
            .setLastUpdatedTimestamp(row.lastUpdateTime());
    if (!row.description().isEmpty()) {
      webhook.setDescription(row.description());
    }
    for (EventType event : row.events()) {
      webhook.addEvents(
          dev.millrace.proto.WebhookEvent.newBuilder()
              .setEntity(WebhookEntity.valueOf(event.entity().toUpperCase(Locale.ROOT)))
              .setAction(WebhookAction.valueOf(event.action().toUpperCase(Locale.ROOT))));
    }
    return webhook.build();
  }
}
