package dev.millrace.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageTokenTest {

  @Test
  void carriesValues() {
    Map<String, @Nullable Object> content = new LinkedHashMap<>();
    content.put("query", "it's ü");
    content.put(
        "after",
        Arrays.asList(0L, Long.MAX_VALUE, Double.MAX_VALUE, 0.1, Double.MIN_VALUE, null, true, ""));
    assertThat(PageToken.decode(PageToken.encode(content))).isEqualTo(content);
  }

  /** The first three are what mlflow 3.17.2 answers, word for word. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x    | Invalid page token, could not base64-decode
          !!!! | Invalid page token, decoded value=b''
          abcd | Invalid page token, decoded value=b'i\\xb7\\x1d'
          W10= | Invalid page token, parsed value=[]
          NQ== | Invalid page token, parsed value=5
          e30  | Invalid page token, could not base64-decode
          """)
  void refusesGarbage(String token, String message) {
    assertThatThrownBy(() -> PageToken.decode(token))
        .asInstanceOf(InstanceOfAssertFactories.throwable(MillraceException.class))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage(message);
  }

  @Test
  void decodesAsPythonDoes() {
    assertThat(PageToken.decode("e30=")).isEmpty();
    assertThat(PageToken.decode(" e\n3!0=")).isEmpty();
    assertThat(PageToken.decode("e30=garbage")).isEmpty();
  }

  @Test
  void readsAnything() {
    Random random = new Random(2);
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = new byte[random.nextInt(20)];
      random.nextBytes(bytes);
      String json =
          "{\"a\":"
              + "[".repeat(random.nextInt(3000))
              + new String(bytes, StandardCharsets.ISO_8859_1);
      String token =
          random.nextBoolean()
              ? new String(bytes, StandardCharsets.ISO_8859_1)
              : Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
      try {
        PageToken.decode(token);
      } catch (MillraceException e) {
        assertThat(e.text()).startsWith("Invalid page token, ");
      }
    }
  }

  @Test
  void fingerprintsTellQueriesApart() {
    assertThat(PageToken.fingerprint(List.of("a", "bc")))
        .isEqualTo(PageToken.fingerprint(List.of("a", "bc")))
        .isNotEqualTo(PageToken.fingerprint(List.of("ab", "c")));
  }
}
