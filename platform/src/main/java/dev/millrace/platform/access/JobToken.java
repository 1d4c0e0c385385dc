package dev.millrace.platform.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What a job proves itself by: MLflow clients send the environment variable {@code
 * MLFLOW_TRACKING_TOKEN} as {@code Authorization: Bearer}.
 *
 * @param text for the job alone
 */
public record JobToken(String text) {

  /** How long somebody who was told whose token it is may go on believing that. */
  public static final Duration BELIEVED = Duration.ofSeconds(1);

  private static final String PREFIX = "millrace-job-";
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new one. */
  public static JobToken random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new JobToken(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** Whether a bearer token claims to be a job's. */
  public static boolean isOne(String bearer) {
    return bearer.startsWith(PREFIX);
  }

  /** What may be stored of it: 64 hexadecimal digits, of which it cannot be made again. */
  public String hash() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without the secret: safe to print. */
  @Override
  public String toString() {
    return "JobToken";
  }
}
