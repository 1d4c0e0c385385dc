package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.proto.CreateWebhookRequest;
import dev.millrace.proto.DeleteWebhookRequest;
import dev.millrace.proto.GetWebhookRequest;
import dev.millrace.proto.ListWebhooksRequest;
import dev.millrace.proto.ListWebhooksResponse;
import dev.millrace.proto.TestWebhookRequest;
import dev.millrace.proto.UpdateWebhookRequest;
import dev.millrace.proto.Webhook;
import dev.millrace.proto.WebhookAction;
import dev.millrace.proto.WebhookEntity;
import dev.millrace.proto.WebhookEvent;
import dev.millrace.proto.WebhookStatus;
import dev.millrace.proto.WebhookTestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages are those of a running MLflow 3.17.2. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WebhookContract {

  private static final WebhookEvent MODEL_CREATED =
      RunningRegistry.event(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED);
  private static final WebhookEvent VERSION_CREATED =
      RunningRegistry.event(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED);
  private static final WebhookEvent TAG_SET =
      RunningRegistry.event(WebhookEntity.MODEL_VERSION_TAG, WebhookAction.SET);
  private static final String UNKNOWN = "11111111-1111-1111-1111-111111111111";

  private String databaseUrl;
  private RunningRegistry registry;
  private Receiver receiver;

  /** A new, empty database. */
  abstract String newDatabase();

  @BeforeAll
  final void open() {
    databaseUrl = newDatabase();
    registry = new RunningRegistry(databaseUrl, WebhookSettings.local());
    receiver = Receiver.start();
  }

  @AfterAll
  final void close() {
    registry.close();
    receiver.close();
  }

  @Test
  final void aWebhookReadsBack() {
    Webhook created =
        registry
            .webhooks
            .createWebhook(
                valid()
                    .setName("A.b_c-9")
                    .setDescription("dé")
                    .setSecret("s")
                    .setStatus(WebhookStatus.DISABLED)
                    .clearEvents()
                    .addAllEvents(List.of(TAG_SET, MODEL_CREATED, VERSION_CREATED))
                    .build())
            .getWebhook();
    assertThat(get(created)).isEqualTo(created);
    assertThat(created.getName()).isEqualTo("A.b_c-9");
    assertThat(created.getDescription()).isEqualTo("dé");
    assertThat(created.getUrl()).isEqualTo("http://127.0.0.1:1/x");
    assertThat(created.getStatus()).isEqualTo(WebhookStatus.DISABLED);
    assertThat(created.getEventsList()).containsExactly(VERSION_CREATED, TAG_SET, MODEL_CREATED);
    assertThat(created.getLastUpdatedTimestamp()).isEqualTo(created.getCreationTimestamp());
    Webhook plain = create();
    assertThat(plain.getStatus()).isEqualTo(WebhookStatus.ACTIVE);
    assertThat(plain.hasDescription()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a", "a-", "a b", "ünï", "_", "a\n", "a\0b", "a/b"})
  final void namesThatMayNotBe(String name) {
    String quoted = "'" + name.replace("\n", "\\n").replace("\0", "\\x00") + "'";
    String message =
        "Webhook name "
            + quoted
            + " is invalid. It must start and end with a letter or digit, be less than 63"
            + " characters long, and contain only letters, digits, dots (.), underscores (_), and"
            + " hyphens (-).";
    assertRefused(message, valid().setName(name));
    Webhook webhook = create();
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        message,
        () ->
            registry.webhooks.updateWebhook(
                UpdateWebhookRequest.newBuilder()
                    .setWebhookId(webhook.getWebhookId())
                    .setName(name)
                    .build()));
    assertThat(get(webhook)).isEqualTo(webhook);
  }

  @Test
  final void longNames() {
    registry.webhooks.createWebhook(valid().setName("a".repeat(63)).build());
    // Letters beyond ASCII that are a k, s or i in another case, as in Python.
    registry.webhooks.createWebhook(valid().setName("\u212a\u017f\u0131\u0130").build());
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Webhook name '"
            + "a".repeat(64)
            + "' is invalid. It must start and end with a letter or digit, be less than 63"
            + " characters long, and contain only letters, digits, dots (.), underscores (_), and"
            + " hyphens (-).",
        () -> registry.webhooks.createWebhook(valid().setName("a".repeat(64)).build()));
  }

  @Test
  final void eventsThatMayNotBe() {
    assertRefused(
        "Webhook events must be a non-empty list of WebhookEvent objects: [].",
        valid().clearEvents());
    // Events are looked at before the name.
    assertRefused(
        "Invalid action 'created' for entity 'model_version_tag'. Valid actions are: ['deleted',"
            + " 'set']",
        valid()
            .setName("-")
            .addEvents(
                RunningRegistry.event(WebhookEntity.MODEL_VERSION_TAG, WebhookAction.CREATED)));
    assertRefused(
        "Missing value for required parameter 'events[1].action'. See the API docs for more"
            + " information about request parameters.",
        valid().addEvents(WebhookEvent.newBuilder().setEntity(WebhookEntity.PROMPT)));
    RegistryContract.assertFails(
        ErrorCode.BAD_REQUEST,
        "Invalid value for parameter 'events' supplied: registered_model.created is there twice.",
        () -> registry.webhooks.createWebhook(valid().addEvents(MODEL_CREATED).build()));
  }

  @Test
  final void urlsThatMayNotBe() {
    assertRefused("Webhook URL cannot be empty or just whitespace: '  '", valid().setUrl("  "));
    assertRefused(
        "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: http, https.",
        valid().setUrl("ftp://x"));
    assertRefused(
        "Webhook URL must include a hostname: 'https:///x'", valid().setUrl("https:///x"));
    assertRefused(
        "Invalid webhook URL 'https://[::1': ValueError('Invalid IPv6 URL')",
        valid().setUrl("https://[::1"));
    assertRefused(
        "Invalid webhook URL 'https://h:abc/': no request can be sent to it.",
        valid().setUrl("https://h:abc/"));
  }

  @Test
  final void changesOfOnePartLeaveTheOthers() {
    Webhook webhook =
        registry
            .webhooks
            .createWebhook(valid().setDescription("d").addEvents(TAG_SET).build())
            .getWebhook();
    UpdateWebhookRequest nothing =
        UpdateWebhookRequest.newBuilder().setWebhookId(webhook.getWebhookId()).build();
    assertThat(withoutTime(update(nothing))).isEqualTo(withoutTime(webhook));
    UpdateWebhookRequest emptyTexts = nothing.toBuilder().setName("").setUrl("").build();
    assertThat(withoutTime(update(emptyTexts))).isEqualTo(withoutTime(webhook));
    Webhook changed =
        update(
            nothing.toBuilder()
                .setName("new")
                .setDescription("")
                .setUrl("http://127.0.0.1:2/y")
                .addEvents(VERSION_CREATED)
                .setStatus(WebhookStatus.DISABLED)
                .build());
    assertThat(get(webhook)).isEqualTo(changed);
    assertThat(changed.getName()).isEqualTo("new");
    assertThat(changed.hasDescription()).isFalse();
    assertThat(changed.getUrl()).isEqualTo("http://127.0.0.1:2/y");
    assertThat(changed.getEventsList()).containsExactly(VERSION_CREATED);
    assertThat(changed.getStatus()).isEqualTo(WebhookStatus.DISABLED);
    assertThat(changed.getCreationTimestamp()).isEqualTo(webhook.getCreationTimestamp());
    assertThat(changed.getLastUpdatedTimestamp())
        .isGreaterThanOrEqualTo(webhook.getLastUpdatedTimestamp());
  }

  @Test
  final void aDeletedWebhookIsGone() {
    Webhook webhook = create();
    DeleteWebhookRequest delete =
        DeleteWebhookRequest.newBuilder().setWebhookId(webhook.getWebhookId()).build();
    registry.webhooks.deleteWebhook(delete);
    String message = "Webhook with ID %s not found.".formatted(webhook.getWebhookId());
    ErrorCode notFound = ErrorCode.RESOURCE_DOES_NOT_EXIST;
    RegistryContract.assertFails(notFound, message, () -> registry.webhooks.deleteWebhook(delete));
    RegistryContract.assertFails(notFound, message, () -> get(webhook));
    RegistryContract.assertFails(
        notFound,
        message,
        () ->
            update(
                UpdateWebhookRequest.newBuilder()
                    .setWebhookId(webhook.getWebhookId())
                    .setName("-")
                    .build()));
    RegistryContract.assertFails(
        notFound, "Webhook with ID " + UNKNOWN + " not found.", () -> test(UNKNOWN));
  }

  @Test
  final void pagesAreTheNewestFirst() {
    String fresh = newDatabase();
    try (RunningRegistry other =
        new RunningRegistry(fresh, WebhookSettings.local("", 2, 19, 0, 7))) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.addFirst(other.webhook("http://127.0.0.1:1/" + i, "").getWebhookId());
      }
      List<String> found = new ArrayList<>();
      ListWebhooksRequest.Builder request = ListWebhooksRequest.newBuilder().setMaxResults(2);
      long before = other.service.database().statements();
      ListWebhooksResponse page = other.webhooks.listWebhooks(request.build());
      assertThat(other.service.database().statements() - before).isEqualTo(2);
      while (true) {
        page.getWebhooksList().forEach(webhook -> found.add(webhook.getWebhookId()));
        assertThat(page.getWebhooks(0).getEventsCount()).isEqualTo(EventType.values().length);
        if (!page.hasNextPageToken()) {
          break;
        }
        page = other.webhooks.listWebhooks(request.setPageToken(page.getNextPageToken()).build());
      }
      assertThat(found).isEqualTo(ids);
      assertThat(
              other
                  .webhooks
                  .listWebhooks(ListWebhooksRequest.getDefaultInstance())
                  .getWebhooksCount())
          .isEqualTo(5);
    }
  }

  @Test
  final void pagesThatMayNotBe() {
    for (int size : new int[] {-1, 1001}) {
      RegistryContract.assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "max_results must be between 1 and 1000.",
          () ->
              registry.webhooks.listWebhooks(
                  ListWebhooksRequest.newBuilder().setMaxResults(size).build()));
    }
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid page token, could not base64-decode",
        () ->
            registry.webhooks.listWebhooks(
                ListWebhooksRequest.newBuilder().setPageToken("x").build()));
  }

  @Test
  final void aTestCallSendsAnExample() {
    Webhook webhook =
        registry
            .webhooks
            .createWebhook(
                valid().setUrl(receiver.url("/test")).setSecret("s").addEvents(TAG_SET).build())
            .getWebhook();
    WebhookTestResult result = test(webhook.getWebhookId());
    assertThat(result)
        .isEqualTo(
            WebhookTestResult.newBuilder()
                .setSuccess(true)
                .setResponseStatus(200)
                .setResponseBody("thänks")
                .build());
    Receiver.Call call = receiver.calls("/test").getFirst();
    assertThat(call.isSignedWith("s")).isTrue();
    // The first event in the order in which they are shown.
    assertThat(call.body())
        .startsWith("{\"entity\": \"model_version_tag\", \"action\": \"set\", \"timestamp\": \"")
        .endsWith(
            "\"data\": {\"name\": \"example_model\", \"version\": \"1\", \"key\": \"example_key\","
                + " \"value\": \"example_value\"}}");
    for (int status : new int[] {302, 400, 500}) {
      receiver.answerOnce("/test", status, Map.of());
      result = test(webhook.getWebhookId());
      assertThat(result.getSuccess()).isFalse();
      assertThat(result.getResponseStatus()).isEqualTo(status);
      assertThat(result.getResponseBody()).isEqualTo("thänks");
    }
    // One request each: it tells at once what came back.
    assertThat(receiver.calls("/test")).hasSize(4);
  }

  @Test
  final void everyEventHasAnExample() {
    Webhook webhook = registry.webhook(receiver.url("/examples"), "");
    for (WebhookEvent event : webhook.getEventsList()) {
      registry.webhooks.testWebhook(
          TestWebhookRequest.newBuilder()
              .setWebhookId(webhook.getWebhookId())
              .setEvent(event)
              .build());
    }
    assertThat(receiver.bodies("/examples"))
        .map(body -> body.replaceAll(", \"timestamp\": \"[^\"]+\"", ""))
        .contains(
            """
            {"entity": "prompt_version", "action": "created", "data": {"name": "example_prompt", \
            "version": "1", "template": "Hello {{name}}!", "tags": {"example_key": \
            "example_value"}, "description": "An example prompt version"}}\
            """,
            """
            {"entity": "budget_policy", "action": "exceeded", "data": {"budget_policy_id": \
            "bp-abc123", "budget_unit": "USD", "budget_amount": 100.0, "current_spend": 105.5, \
            "duration_unit": "MONTHS", "duration_value": 1, "target_scope": "ENDPOINT", \
            "workspace": "default", "target_value": "ep-abc123", "window_start": 1704067200000}}\
            """)
        .hasSize(15);
  }

  @Test
  final void aTestCallThatReachesNobody() {
    WebhookTestResult result = test(create().getWebhookId());
    assertThat(result.getSuccess()).isFalse();
    assertThat(result.getErrorMessage()).startsWith("Failed to test webhook: Failed to connect to");
    assertThat(result.hasResponseStatus()).isFalse();
    assertThat(result.hasResponseBody()).isFalse();
    Webhook hanging =
        registry.webhooks.createWebhook(valid().setUrl(receiver.url("/hang")).build()).getWebhook();
    assertThat(test(hanging.getWebhookId()).getErrorMessage())
        .isEqualTo("Failed to test webhook: timeout");
  }

  @Test
  final void eventsOfATestCallThatMayNotBe() {
    String id = create().getWebhookId();
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid action 'set' for entity 'prompt'. Valid actions are: ['created']",
        () ->
            registry.webhooks.testWebhook(
                TestWebhookRequest.newBuilder()
                    .setWebhookId(UNKNOWN)
                    .setEvent(RunningRegistry.event(WebhookEntity.PROMPT, WebhookAction.SET))
                    .build()));
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Missing value for required parameter 'event.entity'. See the API docs for more information"
            + " about request parameters.",
        () ->
            registry.webhooks.testWebhook(
                TestWebhookRequest.newBuilder()
                    .setWebhookId(id)
                    .setEvent(WebhookEvent.getDefaultInstance())
                    .build()));
  }

  @Test
  final void secretsAreEncrypted() {
    String id =
        registry
            .webhooks
            .createWebhook(valid().setSecret("hush").build())
            .getWebhook()
            .getWebhookId();
    assertThat(storedSecret(id)).matches("1\\.[0-9a-f]{8}\\.[A-Za-z0-9+/]{16}\\.[A-Za-z0-9+/=]+");
    assertThat(storedSecret(id)).doesNotContain("hush");
    update(UpdateWebhookRequest.newBuilder().setWebhookId(id).setSecret("").build());
    assertThat(storedSecret(id)).isEqualTo("null");
  }

  @Test
  final void withoutKeyNoSecretIsTaken() {
    try (RunningRegistry keyless =
        new RunningRegistry(newDatabase(), WebhookSettings.local("", 2, 19, 0, 7))) {
      RegistryContract.assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "Invalid value for parameter 'secret' supplied: this server has no key to encrypt it"
              + " with; its property millrace.registry-service.webhook-key has to be set.",
          () -> keyless.webhook("http://127.0.0.1:1/x", "s"));
      assertThat(
              keyless
                  .webhooks
                  .listWebhooks(ListWebhooksRequest.getDefaultInstance())
                  .getWebhooksCount())
          .isZero();
      keyless.webhook("http://127.0.0.1:1/x", "");
    }
  }

  private String storedSecret(String webhookId) {
    try (Database database = Database.open("registry-service", DatabaseUrl.parse(databaseUrl), 2)) {
      return database
          .read(
              tx ->
                  tx.query(
                      "SELECT secret FROM webhooks WHERE webhook_id = ?",
                      row -> String.valueOf(row.stringOrNull(1)),
                      webhookId))
          .getFirst();
    }
  }

  private static CreateWebhookRequest.Builder valid() {
    return CreateWebhookRequest.newBuilder()
        .setName("w")
        .setUrl("http://127.0.0.1:1/x")
        .addEvents(MODEL_CREATED);
  }

  private Webhook create() {
    return registry.webhooks.createWebhook(valid().build()).getWebhook();
  }

  private Webhook get(Webhook webhook) {
    return registry
        .webhooks
        .getWebhook(GetWebhookRequest.newBuilder().setWebhookId(webhook.getWebhookId()).build())
        .getWebhook();
  }

  private Webhook update(UpdateWebhookRequest request) {
    return registry.webhooks.updateWebhook(request).getWebhook();
  }

  private static Webhook withoutTime(Webhook webhook) {
    return webhook.toBuilder().clearLastUpdatedTimestamp().build();
  }

  private WebhookTestResult test(String webhookId) {
    return registry
        .webhooks
        .testWebhook(TestWebhookRequest.newBuilder().setWebhookId(webhookId).build())
        .getResult();
  }

  private void assertRefused(String message, CreateWebhookRequest.Builder request) {
    RegistryContract.assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        message,
        () -> registry.webhooks.createWebhook(request.build()));
  }
}
