package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import org.junit.jupiter.api.Test;

final class SourcePolicyTest {

  private static SourcePolicy policy(String root, String schemes, String pattern) {
    return SourcePolicy.of(
        new RegistryConfiguration(
            "h2:mem:unused", "in-process:unused", "in-process:unused", 1, root, schemes, pattern));
  }

  private static boolean accepts(String pattern, String source) {
    try {
      policy("mlflow-artifacts:/", "", pattern).checkPattern(source);
      return true;
    } catch (MillraceException e) {
      assertThat(e.text()).isEqualTo("Invalid model version source: '%s'.".formatted(source));
      return false;
    }
  }

  private static boolean allows(SourcePolicy policy, String source) {
    try {
      policy.hosts().check(source, "source");
      return true;
    } catch (MillraceException e) {
      return false;
    }
  }

  @Test
  void patternIsLookedForAnywhere() {
    assertThat(accepts("", "anything")).isTrue();
    assertThat(accepts("^s3://models/", "s3://models/x")).isTrue();
    assertThat(accepts("^s3://models/", "gs://s3://models/x")).isFalse();
    assertThat(accepts("models", "s3://models/x")).isTrue();
    assertThatThrownBy(() -> policy("mlflow-artifacts:/", "", "("))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("source-pattern is no regular expression");
  }

  @Test
  void slowPatternsEnd() {
    assertThat(accepts("^(a+)+$", "a".repeat(5_000) + "b")).isFalse();
    assertThat(accepts("^(a|b)*c$", "ab".repeat(200_000))).isFalse();
  }

  @Test
  void hosts() {
    SourcePolicy closed = policy("mlflow-artifacts:/", "", "");
    assertThat(allows(closed, "mlflow-artifacts:/x")).isTrue();
    assertThat(allows(closed, "mlflow-artifacts://h/x")).isFalse();
    assertThat(allows(closed, "HDFS://h/x")).isFalse();
    SourcePolicy some = policy("mlflow-artifacts:/", "HDFS, ftp", "");
    assertThat(allows(some, "hdfs://h/x")).isTrue();
    assertThat(allows(some, "ftp://h/x")).isTrue();
    assertThat(allows(some, "http://h/x")).isFalse();
    SourcePolicy rooted = policy("https://h/api", "", "");
    assertThat(allows(rooted, "https://h/x")).isTrue();
    assertThat(allows(rooted, "mlflow-artifacts://h/x")).isTrue();
    assertThat(allows(rooted, "http://h/x")).isFalse();
  }
}
