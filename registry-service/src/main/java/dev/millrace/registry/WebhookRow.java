package dev.millrace.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook.
 *
 * @param description empty for none
 * @param secret encrypted; null for none
 * @param events in the order of their texts
 * @param creationTime in milliseconds since the epoch, like {@code lastUpdateTime}
 */
record WebhookRow(
    long webhookNo,
    String webhookId,
    String name,
    String description,
    String url,
    @Nullable String secret,
    boolean isActive,
    List<EventType> events,
    long creationTime,
    long lastUpdateTime) {

  /** Without the secret, and without what its URL may hold: safe to print. */
  @Override
  public String toString() {
    return "WebhookRow[webhookId=%s, name=%s]".formatted(webhookId, name);
  }
}
