package dev.millrace.registry;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of webhooks, those of mlflow 3.17.2 {@code sqlalchemy_store.py} and {@code
 * utils/validation.py}.
 */
final class Webhooks {

  private static final int MAX_RESULTS = 1000;
  private static final int DEFAULT_RESULTS = 100;
  private static final int MAX_NAME = 63;

  // Case-insensitive by Unicode's rules, as Python is: four letters beyond ASCII belong to it.
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]([a-z0-9._-]*[a-z0-9])?", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  private static final Limit DESCRIPTION = new Limit("description", Limit.TEXT);
  private static final Limit URL = new Limit("url", 10_000);
  private static final Limit SECRET = new Limit("secret", 10_000);
  private static final String FINGERPRINT = PageToken.fingerprint(List.of("webhooks"));

  private final Database database;
  private final WebhookStore store;
  private final DeliveryStore deliveries;
  private final WebhookTargets targets;
  private final WebhookSecrets secrets;
  private final WebhookSender sender;

  Webhooks(
      Database database,
      WebhookStore store,
      DeliveryStore deliveries,
      WebhookTargets targets,
      WebhookSecrets secrets,
      WebhookSender sender) {
    this.database = database;
    this.store = store;
    this.deliveries = deliveries;
    this.targets = targets;
    this.secrets = secrets;
    this.sender = sender;
  }

  /**
   * What a test call came to.
   *
   * @param status the HTTP status of the answer; null if there was none
   * @param body the beginning of the answer; null if there was none
   * @param error null if there was an answer
   */
  record TestResult(
      boolean success, @Nullable Integer status, @Nullable String body, @Nullable String error) {}

  /**
   * Creates a webhook.
   *
   * @param description empty for none, as is {@code secret}
   * @throws MillraceException INVALID_PARAMETER_VALUE if something is not allowed, or the server
   *     has no key for a secret; BAD_REQUEST if an event comes twice
   */
  WebhookRow create(
      String name,
      String description,
      String url,
      String secret,
      boolean isActive,
      List<EventType> events) {
    checkName(name);
    checkUrl(url);
    if (events.isEmpty()) {
      throw MillraceException.invalidParameter(
          "Webhook events must be a non-empty list of WebhookEvent objects: [].");
    }
    checkDistinct(events);
    DESCRIPTION.check(description);
    SECRET.check(secret);
    String webhookId = UUID.randomUUID().toString();
    long now = System.currentTimeMillis();
    WebhookRow webhook =
        new WebhookRow(
            0,
            webhookId,
            name,
            description,
            url,
            secret.isEmpty() ? null : secrets.encrypt(webhookId, secret),
            isActive,
            WebhookStore.sorted(events),
            now,
            now);
    database.change(tx -> store.insert(tx, webhook));
    return webhook;
  }

  /**
   * A webhook.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  WebhookRow get(String webhookId) {
    return database.read(tx -> require(store.find(tx, webhookId), webhookId));
  }

  /**
   * A page of webhooks, the newest first.
   *
   * @param maxResults 0 for 100
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE if {@code maxResults} is not from 1 to 1,000,
   *     or the token is none
   */
  Page<WebhookRow> list(int maxResults, String pageToken) {
    int size = maxResults == 0 ? DEFAULT_RESULTS : maxResults;
    if (size < 1 || size > MAX_RESULTS) {
      throw MillraceException.invalidParameter("max_results must be between 1 and 1000.");
    }
    PageQuery query = WebhookStore.NEWEST_FIRST;
    PageQuery.Place start =
        pageToken.isEmpty() ? null : query.place(PageToken.decode(pageToken), FINGERPRINT);
    return database.read(
        tx -> {
          PageQuery.Page<WebhookRow> page = query.read(tx, start, size, WebhookStore::read);
          return new Page<>(
              store.withEvents(tx, page.rows()),
              page.next() == null ? null : page.next().token(FINGERPRINT));
        });
  }

  /**
   * Changes a webhook. What it has not been told yet goes to its new URL; of a webhook that is
   * switched off it is dropped.
   *
   * @param name empty to leave it, as are {@code url} and {@code events}
   * @param description null to leave it
   * @param secret null to leave it, empty for none
   * @param isActive null to leave it
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST, otherwise as {@link #create}
   */
  WebhookRow update(
      String webhookId,
      String name,
      @Nullable String description,
      String url,
      @Nullable String secret,
      @Nullable Boolean isActive,
      List<EventType> events) {
    // What takes long, the look-up of a host, is done before anything is locked.
    WebhookRow _ = get(webhookId);
    if (!name.isEmpty()) {
      checkName(name);
    }
    if (!url.isEmpty()) {
      checkUrl(url);
    }
    checkDistinct(events);
    if (description != null) {
      DESCRIPTION.check(description);
    }
    String encrypted = null;
    if (secret != null) {
      SECRET.check(secret);
      encrypted = secret.isEmpty() ? null : secrets.encrypt(webhookId, secret);
    }
    String newSecret = encrypted;
    return database.transaction(
        tx -> {
          WebhookRow old = require(store.lock(tx, webhookId), webhookId);
          WebhookRow changed =
              new WebhookRow(
                  old.webhookNo(),
                  webhookId,
                  name.isEmpty() ? old.name() : name,
                  description == null ? old.description() : description,
                  url.isEmpty() ? old.url() : url,
                  secret == null ? old.secret() : newSecret,
                  isActive == null ? old.isActive() : isActive,
                  events.isEmpty() ? old.events() : WebhookStore.sorted(events),
                  old.creationTime(),
                  System.currentTimeMillis());
          store.update(tx, changed, !events.isEmpty());
          if (!changed.isActive()) {
            deliveries.dropPending(tx, changed.webhookNo());
          }
          return changed;
        });
  }

  /**
   * Deletes a webhook, and what it was and has not been told.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  void delete(String webhookId) {
    database.change(
        tx -> {
          WebhookRow webhook = require(store.lock(tx, webhookId), webhookId);
          store.delete(tx, webhook.webhookNo());
          deliveries.drop(tx, webhook.webhookNo());
        });
  }

  /**
   * Sends an example of an event to a webhook, once, and tells what came back.
   *
   * @param event null for the first that the webhook wants
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  TestResult test(String webhookId, @Nullable EventType event) {
    WebhookRow webhook = get(webhookId);
    EventType type = event == null ? webhook.events().getFirst() : event;
    String body = WebhookEvent.example(type).body(Instant.now());
    try {
      String secret =
          webhook.secret() == null ? null : secrets.decrypt(webhookId, webhook.secret());
      WebhookSender.Answer answer =
          sender.send(webhook.url(), secret, UUID.randomUUID().toString(), body);
      int status = answer.status();
      return new TestResult(status >= 200 && status < 300, status, answer.body(), null);
    } catch (BlockedTargetException | MillraceException e) {
      return failed("MlflowException(%s)".formatted(PythonText.of(e.getMessage())));
    } catch (IOException | WebhookSecrets.UnreadableException e) {
      return failed(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }
  }

  private static TestResult failed(String reason) {
    return new TestResult(false, null, null, "Failed to test webhook: " + reason);
  }

  private static void checkName(String name) {
    if (name.codePointCount(0, name.length()) > MAX_NAME || !NAME.matcher(name).matches()) {
      throw MillraceException.invalidParameter(
          ("Webhook name %s is invalid. It must start and end with a letter or digit, be less than"
                  + " 63 characters long, and contain only letters, digits, dots (.), underscores"
                  + " (_), and hyphens (-).")
              .formatted(PythonText.of(name)));
    }
  }

  private void checkUrl(String url) {
    URL.check(url);
    targets.check(url);
  }

  private static void checkDistinct(List<EventType> events) {
    Set<EventType> known = EnumSet.noneOf(EventType.class);
    for (EventType event : events) {
      if (!known.add(event)) {
        throw new MillraceException(
            ErrorCode.BAD_REQUEST,
            "Invalid value for parameter 'events' supplied: %s is there twice."
                .formatted(event.text()));
      }
    }
  }

  private static WebhookRow require(@Nullable WebhookRow webhook, String webhookId) {
    if (webhook == null) {
      throw MillraceException.notFound("Webhook with ID %s not found.".formatted(webhookId));
    }
    return webhook;
  }
}
