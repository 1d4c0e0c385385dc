package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However it is spelled, no webhook reaches what is not public. Messages are MLflow's. */
final class WebhookTargetsTest {

  private static final HostResolver SYSTEM = new SystemResolver();

  private final WebhookTargets strict = new WebhookTargets("https", false, SYSTEM);

  @ParameterizedTest
  @CsvSource({
    "https://localhost/, localhost, 127.0.0.1",
    "https://LOCALHOST:8443/x, localhost, 127.0.0.1",
    "https://127.0.0.1/, 127.0.0.1, 127.0.0.1",
    "https://2130706433/, 2130706433, 127.0.0.1",
    "https://0x7f000001/, 0x7f000001, 127.0.0.1",
    "https://0x7F.1/, 0x7f.1, 127.0.0.1",
    "https://0177.0.0.1/, 0177.0.0.1, 127.0.0.1",
    "https://017700000001/, 017700000001, 127.0.0.1",
    "https://127.1/, 127.1, 127.0.0.1",
    "https://0/, 0, 0.0.0.0",
    "https://①②⑦.0.0.1/, ①②⑦.0.0.1, 127.0.0.1",
    "https://127。0。0。1/, 127。0。0。1, 127.0.0.1",
    "https://8.8.8.8@127.0.0.1/, 127.0.0.1, 127.0.0.1",
    "https://user:8.8.8.8@127.0.0.1:1/, 127.0.0.1, 127.0.0.1",
    "https://8.8.8.8\\@127.0.0.1/, 127.0.0.1, 127.0.0.1",
    "https://127.0.0.1\\@8.8.8.8/, 127.0.0.1, 127.0.0.1",
    "https://127.0.0.1#@8.8.8.8/, 127.0.0.1, 127.0.0.1",
    "https://127.0.0.1?@8.8.8.8/, 127.0.0.1, 127.0.0.1",
    "https://169.254.169.254/latest/meta-data, 169.254.169.254, 169.254.169.254",
    "https://10.0.0.1/, 10.0.0.1, 10.0.0.1",
    "https://172.31.255.255/, 172.31.255.255, 172.31.255.255",
    "https://192.168.0.1/, 192.168.0.1, 192.168.0.1",
    "https://100.64.0.1/, 100.64.0.1, 100.64.0.1",
    "https://198.18.0.1/, 198.18.0.1, 198.18.0.1",
    "https://192.0.2.1/, 192.0.2.1, 192.0.2.1",
    "https://224.0.0.1/, 224.0.0.1, 224.0.0.1",
    "https://239.255.255.250/, 239.255.255.250, 239.255.255.250",
    "https://255.255.255.255/, 255.255.255.255, 255.255.255.255",
    "https://[::1]/, ::1, ::1",
    "https://[::]/, ::, ::",
    "https://[0:0:0:0:0:0:0:1]/, 0:0:0:0:0:0:0:1, ::1",
    "https://[::ffff:127.0.0.1]/, ::ffff:127.0.0.1, ::ffff:7f00:1",
    "https://[::ffff:a9fe:a9fe]/, ::ffff:a9fe:a9fe, ::ffff:a9fe:a9fe",
    "https://[::127.0.0.1]/, ::127.0.0.1, ::7f00:1",
    "https://[64:ff9b::7f00:1]/, 64:ff9b::7f00:1, 64:ff9b::7f00:1",
    "https://[2002:7f00:1::]/, 2002:7f00:1::, 2002:7f00:1::",
    "https://[fe80::1]/, fe80::1, fe80::1",
    "https://[fc00::1]/, fc00::1, fc00::1",
    "https://[fd12:0:3::1]/, fd12:0:3::1, fd12:0:3::1",
    "https://[ff02::1]/, ff02::1, ff02::1",
    "https://[2001:db8::1]/, 2001:db8::1, 2001:db8::1",
    "https://[2001:0:7f00:1::]/, 2001:0:7f00:1::, 2001:0:7f00:1::",
  })
  void notPublic(String url, String host, String address) {
    assertThatThrownBy(() -> strict.check(url))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "Webhook URL must not resolve to a non-public IP address. '%s' resolves to %s."
                .formatted(host, address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://8.8.8.8/x",
        "HTTPS://8.8.8.8:8443/x?y#z",
        "https://user:password@8.8.8.8/",
        "https://134744072/",
        "https://[2001:4860:4860::8888]/x",
        "https://[64:ff9b::808:808]/",
        "https://[2002:808:808::]/",
        " https://８.８.８.８/",
      })
  void isPublic(String url) {
    strict.check(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://127.0.0.1./", "https://nonexistent.invalid:1/x"})
  void unknownHosts(String url) {
    assertThatThrownBy(() -> strict.check(url))
        .isInstanceOf(MillraceException.class)
        .hasMessageMatching(
            "Cannot resolve Webhook URL hostname '[a-z0-9.]+': \\[Errno -2] Name or service not"
                + " known");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://8.8.8.8/|Invalid webhook URL scheme: 'http'. Allowed schemes are: https.",
        "8.8.8.8|Invalid webhook URL scheme: ''. Allowed schemes are: https.",
        "javascript:alert(1)|Invalid webhook URL scheme: 'javascript'. Allowed schemes are: https.",
        "file:///etc/passwd|Invalid webhook URL scheme: 'file'. Allowed schemes are: https.",
        "https://|Webhook URL must include a hostname: 'https://'",
        "https://[8.8.8.8]/|Invalid webhook URL 'https://[8.8.8.8]/': ValueError('An IPv4 address"
            + " cannot be in brackets')",
        "https://8.8.8.8:99999/|Invalid webhook URL 'https://8.8.8.8:99999/': no request can be"
            + " sent to it.",
      })
  void noTarget(String url, String message) {
    assertThatThrownBy(() -> strict.check(url))
        .isInstanceOf(MillraceException.class)
        .hasMessage(message);
  }

  @Test
  void aNameIsJudgedByAllItsAddresses() throws UnknownHostException {
    WebhookTargets targets = new WebhookTargets("https", false, answering("8.8.8.8", "10.0.0.1"));
    assertThatThrownBy(() -> targets.check("https://both.test/"))
        .hasMessage(
            "Webhook URL must not resolve to a non-public IP address. 'both.test' resolves to"
                + " 10.0.0.1.");
  }

  /** The name is public when the webhook is made, and private when it is sent to. */
  @Test
  void rebinding() throws UnknownHostException {
    Deque<HostResolver> answers =
        new ArrayDeque<>(List.of(answering("8.8.8.8"), answering("127.0.0.1")));
    WebhookTargets targets =
        new WebhookTargets("http", false, host -> answers.removeFirst().resolve(host));
    try (Receiver receiver = Receiver.start();
        WebhookSender sender = new WebhookSender(targets, Duration.ofSeconds(5))) {
      String url = "http://rebind.test:" + receiver.port() + "/x";
      targets.check(url);
      assertThatThrownBy(() -> sender.send(url, null, "id", "{}"))
          .isInstanceOf(BlockedTargetException.class)
          .hasMessage(
              "Webhook URL must not resolve to a non-public IP address. 'rebind.test' resolves to"
                  + " 127.0.0.1.");
      assertThat(receiver.calls("/x")).isEmpty();
    }
  }

  /** Addresses in URLs are not looked up: nothing but the socket stands between. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "localhost", "0x7f.1"})
  void sendingChecksAgain(String host) {
    WebhookTargets targets = new WebhookTargets("http", false, SYSTEM);
    try (Receiver receiver = Receiver.start();
        WebhookSender sender = new WebhookSender(targets, Duration.ofSeconds(5))) {
      String url = "http://%s:%d/x".formatted(host, receiver.port());
      assertThatThrownBy(() -> sender.send(url, null, "id", "{}"))
          .isInstanceOf(BlockedTargetException.class);
      assertThat(receiver.calls("/x")).isEmpty();
    }
  }

  @Test
  void noSocketConnectsToWhatIsNotPublic() throws IOException {
    GuardedSockets sockets = new GuardedSockets(strict);
    try (Receiver receiver = Receiver.start();
        Socket socket = sockets.createSocket()) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      assertThatThrownBy(
              () -> socket.connect(new InetSocketAddress(loopback, receiver.port()), 1000))
          .isInstanceOf(BlockedTargetException.class)
          .hasMessage("Webhook connection blocked: 127.0.0.1 is not a public IP address.");
      assertThatThrownBy(() -> sockets.createSocket(loopback, receiver.port()))
          .isInstanceOf(BlockedTargetException.class);
    }
  }

  @Test
  void privateTargetsCanBeAllowed() throws IOException {
    WebhookTargets targets = new WebhookTargets("http", true, SYSTEM);
    // As MLflow: nothing is looked up then.
    targets.check("http://nonexistent.invalid/");
    try (Receiver receiver = Receiver.start();
        WebhookSender sender = new WebhookSender(targets, Duration.ofSeconds(5))) {
      String url = "http://user:pass@localhost:%d/x".formatted(receiver.port());
      assertThat(sender.send(url, null, "id", "{}").status()).isEqualTo(200);
      assertThat(receiver.calls("/x").getFirst().header("Authorization"))
          .isEqualTo("Basic dXNlcjpwYXNz");
    }
  }

  private static HostResolver answering(String... addresses) throws UnknownHostException {
    InetAddress[] all = new InetAddress[addresses.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = InetAddress.getByName(addresses[i]);
    }
    return _ -> Arrays.asList(all);
  }
}
