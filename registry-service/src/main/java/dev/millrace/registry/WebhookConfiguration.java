package dev.millrace.registry;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Settings of webhooks; the defaults stand in {@code application-registry-service.yml}.
 *
 * @param webhookKey what secrets are encrypted with, 32 bytes in base64; empty for the key in
 *     {@code webhookKeyFile}
 * @param webhookKeyFile a file with such a key, which is made with a new one if it is missing;
 *     empty for none. Without any key no secret is taken
 * @param webhookAllowedSchemes the schemes, comma-separated, that a webhook's URL may have; {@code
 *     http} sends everything in the clear
 * @param webhookAllowPrivateTargets whether webhooks may call loopback, private and other addresses
 *     that are not on the public internet
 * @param webhookTimeoutSeconds how long a receiver may take to answer
 * @param webhookMaxRetries how often a delivery is tried again before it has failed
 * @param webhookMaxConcurrency the most deliveries under way at once in this process; 0 leaves them
 *     to other processes
 * @param webhookRetentionDays how long deliveries are kept when they have ended
 */
@ConfigurationProperties("millrace.registry-service")
public record WebhookConfiguration(
    String webhookKey,
    String webhookKeyFile,
    String webhookAllowedSchemes,
    boolean webhookAllowPrivateTargets,
    int webhookTimeoutSeconds,
    int webhookMaxRetries,
    int webhookMaxConcurrency,
    int webhookRetentionDays) {

  /**
   * @throws IllegalArgumentException if a number is out of range
   */
  public WebhookConfiguration {
    check("webhook-timeout-seconds", webhookTimeoutSeconds, 1);
    check("webhook-max-retries", webhookMaxRetries, 0);
    check("webhook-max-concurrency", webhookMaxConcurrency, 0);
    check("webhook-retention-days", webhookRetentionDays, 0);
  }

  private static void check(String property, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "millrace.registry-service.%s has to be at least %d, not %d"
              .formatted(property, least, value));
    }
  }

  /** Without the key: safe to print. */
  @Override
  public String toString() {
    return "WebhookConfiguration[allowedSchemes=%s, allowPrivateTargets=%s]"
        .formatted(webhookAllowedSchemes, webhookAllowPrivateTargets);
  }
}
