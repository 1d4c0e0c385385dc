package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths as mlflow 3.17.2 reads them; the expectations were taken from it. */
class ArtifactPathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../x",
        "a/../b",
        "a/..",
        "%2e%2e",
        "%2e%2e/x",
        "..%2fx",
        "%252e%252e%252fx",
        "%25252e%25252e%25252fx",
        "/",
        "//x",
        "///x",
        "/etc/passwd",
        "%2fetc/passwd",
        "%252fetc%252fpasswd",
        "file:///etc/passwd",
        "file:/etc/passwd",
        "FILE:///etc",
        "file:a/../b",
        "C:/x",
        "C:\\x",
        "c:%5cx",
        "\\\\host\\share\\x",
        "\\/host/share",
        "\\\\?\\C:\\x",
        "\\\\?\\UNC\\host\\share\\x",
        "a#b",
        "file:a",
        "a%2523b",
        "\t../x",
        " /etc",
        "..\r\n/x",
        "//[x/y",
        "%2525252525252525252525252e",
      })
  void refusesWhatLeavesItsRoot(String hostile) {
    assertThatThrownBy(() -> ArtifactPath.parse(hostile)).hasMessage("Invalid path");
  }

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      delimiter = '|',
      value = {
        "a|a|a",
        "a/b|a/b|a/b",
        "a//b/./c/|a//b/./c/|a/b/c",
        ".|.|''",
        "...|...|...",
        "....//x|....//x|..../x",
        "a%20b|a b|a b",
        "a%2525b|a%b|a%b",
        "100%|100%|100%",
        "k%step%0.png|k%step%0.png|k%step%0.png",
        "%E6%97%A5.txt|\u65e5.txt|\u65e5.txt",
        "%FF|\ufffd|\ufffd",
        "%C0%AE%C0%AE/x|\ufffd\ufffd\ufffd\ufffd/x|\ufffd\ufffd\ufffd\ufffd/x",
        "a%00b|a%00b|a%00b",
        "a%0ab|ab|ab",
        "a%7fb|a%7fb|a%7fb",
        "\\x|\\x|\\x",
        "..\\..\\x|..\\..\\x|..\\..\\x",
        "c:x|c:x|c:x",
        "S3://bucket/x|s3://bucket/x|s3:/bucket/x",
        " a|a|a",
        "a |a |a ",
        "a?|a|a",
        "a?b|a?b|a?b",
        "a;|a|a",
        "a;b|a;b|a;b",
        "~root|~root|~root",
        "a+b|a+b|a+b",
        "%23|''|''",
        "a?#|a|a",
        "file:|''|''",
        "a/b;/c;|a/b;/c|a/b;/c",
        "\\\\a|\\\\a|\\\\a",
        "mailto:x;|mailto:x;|mailto:x;",
        "http:a|http:///a|http:/a",
        "?x|?x|?x",
      })
  void readsTheRest(String sent, String text, String key) {
    assertThat(ArtifactPath.parse(sent)).isEqualTo(new ArtifactPath(text, key));
  }

  @Test
  void reachesAFixedPoint() {
    ArtifactPath once = ArtifactPath.parse("%2541/%00/ x?");
    assertThat(ArtifactPath.parse(once.text())).isEqualTo(once);
  }

  @Test
  void joinsAsPythonDoes() {
    ArtifactPath run = ArtifactPath.parse("1/r/artifacts");
    assertThat(run.resolve(ArtifactPath.parse("")))
        .isEqualTo(new ArtifactPath("1/r/artifacts/", "1/r/artifacts"));
    assertThat(run.resolve(ArtifactPath.parse("d/./f")).text()).isEqualTo("1/r/artifacts/d/./f");
    assertThat(ArtifactPath.ROOT.resolve(ArtifactPath.parse("f")).key()).isEqualTo("f");
  }
}
