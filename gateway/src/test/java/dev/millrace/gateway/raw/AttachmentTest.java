package dev.millrace.gateway.raw;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expectations were taken from mlflow 3.17.2. */
class AttachmentTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.txt|filename=a.txt",
        "a b.txt|filename=\"a b.txt\"",
        "a'b.txt|filename=a'b.txt",
        "a\"b.txt|filename=\"a\\\"b.txt\"",
        "(a).txt|filename=\"(a).txt\"",
        "100%.txt|filename=100%.txt",
        "``|filename=\"\"",
        "\u00fcn\u00ef \u65e5\u672c.txt|filename=\"uni .txt\";"
            + " filename*=UTF-8''%C3%BCn%C3%AF%20%E6%97%A5%E6%9C%AC.txt",
        "\u65e5|filename=download; filename*=UTF-8''%E6%97%A5",
        "\ud83d\ude80.txt|filename=.txt; filename*=UTF-8''%F0%9F%9A%80.txt",
      })
  void namesTheFile(String name, String value) {
    assertThat(Attachment.named(name)).isEqualTo("attachment; " + value);
  }
}
