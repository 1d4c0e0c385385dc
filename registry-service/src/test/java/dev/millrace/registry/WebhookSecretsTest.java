package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookSecretsTest {

  private final WebhookSecrets secrets = new WebhookSecrets(key(WebhookSettings.KEY));

  @Test
  void aSecretComesBackForItsWebhookOnly() throws Exception {
    String stored = secrets.encrypt("a", "sécret");
    assertThat(secrets.decrypt("a", stored)).isEqualTo("sécret");
    assertThat(secrets.encrypt("a", "sécret")).isNotEqualTo(stored);
    assertUnreadable("b", stored);
  }

  @Test
  void aDamagedSecretIsNotTaken() {
    String stored = secrets.encrypt("a", "secret");
    // In the middle, as the last character of base64 may hold bits that nobody reads.
    int place = stored.lastIndexOf('.') + 5;
    String other =
        stored.substring(0, place)
            + (stored.charAt(place) == 'A' ? 'B' : 'A')
            + stored.substring(place + 1);
    assertUnreadable("a", other);
    assertUnreadable("a", "");
    assertUnreadable("a", "2" + stored.substring(1));
    assertUnreadable("a", stored.substring(0, stored.lastIndexOf('.')) + ".!");
  }

  @Test
  void aSecretOfAnotherKeySaysSo() {
    String stored = secrets.encrypt("a", "secret");
    assertThatThrownBy(() -> new WebhookSecrets(null).decrypt("a", stored))
        .hasMessageMatching(
            "The webhook's secret was encrypted with key [0-9a-f]{8}, and the server has none\\.");
  }

  /** MLflow's keys are Fernet's: 32 bytes in base64 for URLs. */
  @Test
  void mlflowsKeysAreTaken() throws Exception {
    WebhookKey ours = key("-_-_AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    WebhookKey same = key(" +/+/AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    String stored = new WebhookSecrets(ours).encrypt("a", "secret");
    assertThat(new WebhookSecrets(same).decrypt("a", stored)).isEqualTo("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "short",
        "AAECAwQFBgcICQoLDA0ODw==",
        "!!ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
      })
  void noKey(String text) {
    assertThatThrownBy(() -> key(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("millrace.registry-service.webhook-key has to hold 32 bytes in base64")
        .hasMessageNotContaining(text);
  }

  @Test
  void aMissingKeyFileIsMadeForItsOwnerOnly(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("webhook.key");
    String stored = new WebhookSecrets(fromFile(file)).encrypt("a", "secret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(new WebhookSecrets(fromFile(file)).decrypt("a", stored)).isEqualTo("secret");
    assertThat(folder).isDirectoryContaining(each -> each.equals(file));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
    assertThat(fromFile(folder.resolve("other.key")).id()).isNotEqualTo(fromFile(file).id());
  }

  @Test
  void nothingPrintsAKeyOrASecret(@TempDir Path folder) throws Exception {
    WebhookConfiguration configuration = WebhookSettings.local();
    assertThat(configuration.toString()).doesNotContain(WebhookSettings.KEY);
    Path file = folder.resolve("webhook.key");
    assertThat(fromFile(file).toString()).doesNotContain(Files.readString(file).strip());
  }

  @Test
  void aKeyFileThatCannotBeMadeSaysSo(@TempDir Path folder) {
    assertThatThrownBy(() -> fromFile(folder.resolve("none/webhook.key")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("none/webhook.key, which webhook-key-file names");
  }

  private void assertUnreadable(String webhookId, String stored) {
    assertThatThrownBy(() -> secrets.decrypt(webhookId, stored))
        .isInstanceOf(WebhookSecrets.UnreadableException.class)
        .hasMessage("The webhook's secret is damaged.");
  }

  private static WebhookKey key(String text) {
    return Objects.requireNonNull(WebhookKey.of(WebhookSettings.local(text, 2, 19, 0, 7)));
  }

  private static WebhookKey fromFile(Path file) {
    return Objects.requireNonNull(
        WebhookKey.of(new WebhookConfiguration("", file.toString(), "https", false, 30, 19, 0, 7)));
  }
}
