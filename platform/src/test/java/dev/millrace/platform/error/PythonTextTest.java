package dev.millrace.platform.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Expectations are what Python 3.11 prints. */
class PythonTextTest {

  @Test
  void printsStrings() {
    assertThat(PythonText.of("a b")).isEqualTo("'a b'");
    assertThat(PythonText.of("it's")).isEqualTo("\"it's\"");
    assertThat(PythonText.of("it's \"x\"")).isEqualTo("'it\\'s \"x\"'");
    assertThat(PythonText.of("a\\\n\r\t\0ü日\u00a0\u200b"))
        .isEqualTo("'a\\\\\\n\\r\\t\\x00ü日\\xa0\\u200b'");
    assertThat(PythonText.of("\ud83d\ude00\ud800")).isEqualTo("'\ud83d\ude00\\ud800'");
  }

  @Test
  void printsBytes() {
    assertThat(PythonText.of(new byte[] {'i', (byte) 0xb7, 0x1d})).isEqualTo("b'i\\xb7\\x1d'");
    assertThat(PythonText.of("it's".getBytes(StandardCharsets.UTF_8))).isEqualTo("b\"it's\"");
    assertThat(PythonText.of("'\"".getBytes(StandardCharsets.UTF_8))).isEqualTo("b'\\'\"'");
  }

  @Test
  void printsCollections() {
    assertThat(PythonText.of(Arrays.asList("a", 1L, 1.5, true, null)))
        .isEqualTo("['a', 1, 1.5, True, None]");
    assertThat(PythonText.of(Map.of("a", List.of()))).isEqualTo("{'a': []}");
    assertThat(PythonText.of(Map.of())).isEqualTo("{}");
    assertThat(PythonText.of(new TreeSet<>(List.of("b", "a")))).isEqualTo("{'a', 'b'}");
    assertThat(PythonText.tuple(List.of("1"))).isEqualTo("(1,)");
    assertThat(PythonText.tuple(List.of("'x'", "2"))).isEqualTo("('x', 2)");
  }
}
