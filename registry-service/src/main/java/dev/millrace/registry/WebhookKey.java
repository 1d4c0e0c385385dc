package dev.millrace.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The key that secrets of webhooks are encrypted with: 32 bytes, for AES-256. */
final class WebhookKey {

  private static final int BYTES = 32;

  private final SecretKey key;
  private final String id;

  private WebhookKey(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, "AES");
    this.id = id(bytes);
  }

  /**
   * The configured key; where a key file is named that does not exist, it is made with a random
   * key, for its owner only.
   *
   * @return null if none is configured
   * @throws IllegalArgumentException if the key has not 32 bytes in base64, or the file can neither
   *     be read nor made
   */
  static @Nullable WebhookKey of(WebhookConfiguration configuration) {
    if (!configuration.webhookKey().isBlank()) {
      return parse(configuration.webhookKey(), "webhook-key");
    }
    if (configuration.webhookKeyFile().isBlank()) {
      return null;
    }
    Path file = Path.of(configuration.webhookKeyFile());
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return parse(Files.readString(file), "webhook-key-file");
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot use the file %s, which webhook-key-file names".formatted(file), e);
    }
  }

  SecretKey key() {
    return key;
  }

  /** Tells keys apart, and nothing about them. */
  String id() {
    return id;
  }

  /** Without the key: safe to print. */
  @Override
  public String toString() {
    return "WebhookKey[" + id + "]";
  }

  /** Takes both alphabets of base64: MLflow's keys are in the one for URLs. */
  private static WebhookKey parse(String text, String property) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text.strip().replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      // Its message quotes a part of the key.
      bytes = new byte[0];
    }
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "millrace.registry-service.%s has to hold %d bytes in base64".formatted(property, BYTES));
    }
    return new WebhookKey(bytes);
  }

  private static void create(Path file) throws IOException {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    Path made = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    try (FileChannel channel =
        FileChannel.open(
            made,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      String text = Base64.getEncoder().encodeToString(bytes) + "\n";
      ByteBuffer content = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    }
    try {
      // Under its name only when it is complete.
      Files.move(made, file);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster: its key counts.
      Files.delete(made);
    }
  }

  private static String id(byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("millrace webhook key ".getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes), 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
