package dev.millrace.registry;

/** Settings of webhooks for tests. */
final class WebhookSettings {

  /** Some key: 32 bytes in base64. */
  static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  private WebhookSettings() {}

  /** The defaults, but nothing is delivered: for tests that are not about webhooks. */
  static WebhookConfiguration defaults() {
    return new WebhookConfiguration("", "", "https", false, 30, 19, 0, 7);
  }

  /** With a key, and with receivers on this machine that have two seconds to answer. */
  static WebhookConfiguration local() {
    return local(KEY, 2, 19, 64, 7);
  }

  static WebhookConfiguration local(
      String key, int timeoutSeconds, int maxRetries, int maxConcurrency, int retentionDays) {
    return new WebhookConfiguration(
        key, "", "http, https", true, timeoutSeconds, maxRetries, maxConcurrency, retentionDays);
  }
}
