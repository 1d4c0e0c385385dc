package dev.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class CallersTest {

  @Test
  void basicCredentialsNameTheirUser() {
    assertThat(Callers.user(basic("ann:secret"))).isEqualTo("ann");
    assertThat(Callers.user(basic("änn@example:a:b"))).isEqualTo("änn@example");
    assertThat(Callers.user(basic("ann:").replace("Basic", "basic"))).isEqualTo("ann");
  }

  @Test
  void whatNamesNobodyIsNobody() {
    assertThat(Callers.user(null)).isNull();
    for (String header :
        new String[] {
          "",
          "Basic",
          "Basic ",
          "Basic !!!",
          "Bearer abc",
          basic("no colon"),
          basic(":secret"),
          basic(" :secret"),
          basic("a\nb:secret"),
          basic("a".repeat(251) + ":secret"),
          "Basic " + Base64.getEncoder().encodeToString(new byte[] {(byte) 0xff, ':'})
        }) {
      assertThat(Callers.user(header)).as(header).isNull();
    }
  }

  private static String basic(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }
}
