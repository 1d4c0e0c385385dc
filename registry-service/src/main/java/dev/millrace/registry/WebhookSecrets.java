package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Keeps secrets unreadable in the database: AES-256-GCM, as {@code 1.KEY-ID.NONCE.CIPHERTEXT}. A
 * secret is bound to its webhook, so that no row's secret can be put into another.
 */
final class WebhookSecrets {

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final String VERSION = "1";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecureRandom random = new SecureRandom();
  private final @Nullable WebhookKey key;

  /**
   * @param key null for none: then no secret can be kept
   */
  WebhookSecrets(@Nullable WebhookKey key) {
    this.key = key;
  }

  /** A secret that cannot be read; the message says why, for whoever runs the server. */
  static final class UnreadableException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  /**
   * Encrypts a secret.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is no key
   */
  String encrypt(String webhookId, String secret) {
    if (key == null) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'secret' supplied: this server has no key to encrypt it"
              + " with; its property millrace.registry-service.webhook-key has to be set.");
    }
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] text = secret.getBytes(StandardCharsets.UTF_8);
      byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, key, nonce, webhookId).doFinal(text);
      return String.join(".", VERSION, key.id(), base64(nonce), base64(encrypted));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Cannot encrypt", e);
    }
  }

  /**
   * Decrypts what {@link #encrypt} made.
   *
   * @throws UnreadableException if it was made with another key, or is damaged
   */
  String decrypt(String webhookId, String stored) throws UnreadableException {
    String[] parts = stored.split("\\.", -1);
    if (parts.length != 4 || !parts[0].equals(VERSION)) {
      throw new UnreadableException("The webhook's secret is damaged.");
    }
    if (key == null || !key.id().equals(parts[1])) {
      throw new UnreadableException(
          "The webhook's secret was encrypted with key %s, and the server has %s."
              .formatted(parts[1], key == null ? "none" : "key " + key.id()));
    }
    try {
      Cipher cipher =
          cipher(Cipher.DECRYPT_MODE, key, Base64.getDecoder().decode(parts[2]), webhookId);
      return new String(
          cipher.doFinal(Base64.getDecoder().decode(parts[3])), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnreadableException("The webhook's secret is damaged.");
    }
  }

  private static Cipher cipher(int mode, WebhookKey key, byte[] nonce, String webhookId)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(TRANSFORMATION);
    cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(webhookId.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
