package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compared with what a running MLflow 3.17.2 sent for the same changes. */
final class WebhookEventTest {

  private static final Instant TIME = Instant.parse("2026-11-25T19:11:13.447Z");

  record Example(Change change, String event, String data) {}

  static Stream<Example> examples() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("z", "3");
    tags.put("a", "");
    Map<String, String> prompt = new LinkedHashMap<>();
    prompt.put("mlflow.prompt.is_prompt", "TRUE");
    prompt.put("_mlflow_prompt_type", "text");
    prompt.put("u", "1");
    Map<String, String> promptVersion = new LinkedHashMap<>(prompt);
    promptVersion.put("mlflow.prompt.text", "Hi {{n}}");
    return Stream.of(
        new Example(
            new Change.ModelCreated("m", tags, "dé\u2028\"\\\n\u007f/😀"),
            "\"registered_model\", \"action\": \"created\"",
            "{\"name\": \"m\", \"tags\": {\"z\": \"3\", \"a\": \"\"}, \"description\":"
                + " \"d\\u00e9\\u2028\\\"\\\\\\n\\u007f/\\ud83d\\ude00\"}"),
        new Example(
            new Change.ModelCreated("m", Map.of(), null),
            "\"registered_model\", \"action\": \"created\"",
            "{\"name\": \"m\", \"tags\": {}, \"description\": \"\"}"),
        new Example(
            new Change.ModelCreated("p", prompt, "pd"),
            "\"prompt\", \"action\": \"created\"",
            "{\"name\": \"p\", \"tags\": {\"u\": \"1\"}, \"description\": \"pd\"}"),
        new Example(
            new Change.VersionCreated("m", 1, "s3://b/x", null, Map.of(), null, false),
            "\"model_version\", \"action\": \"created\"",
            "{\"name\": \"m\", \"version\": \"1\", \"source\": \"s3://b/x\", \"run_id\": null,"
                + " \"tags\": {}, \"description\": null}"),
        new Example(
            new Change.VersionCreated("m", 2, "s3://b/x", "r", tags, "d", false),
            "\"model_version\", \"action\": \"created\"",
            "{\"name\": \"m\", \"version\": \"2\", \"source\": \"s3://b/x\", \"run_id\": \"r\","
                + " \"tags\": {\"z\": \"3\", \"a\": \"\"}, \"description\": \"d\"}"),
        new Example(
            new Change.VersionCreated("p", 1, "dummy-source", null, promptVersion, "", true),
            "\"prompt_version\", \"action\": \"created\"",
            "{\"name\": \"p\", \"version\": \"1\", \"template\": \"Hi {{n}}\", \"tags\": {\"u\":"
                + " \"1\"}, \"description\": null}"),
        new Example(
            new Change.VersionCreated("p", 1, "dummy-source", null, prompt, "vd", true),
            "\"prompt_version\", \"action\": \"created\"",
            "{\"name\": \"p\", \"version\": \"1\", \"template\": null, \"tags\": {\"u\": \"1\"},"
                + " \"description\": \"vd\"}"),
        new Example(
            new Change.ModelTagSet("p", "k", null, "v", true),
            "\"prompt_tag\", \"action\": \"set\"",
            "{\"name\": \"p\", \"key\": \"k\", \"value\": \"v\"}"),
        new Example(
            new Change.ModelTagDeleted("p", "k", "v", true),
            "\"prompt_tag\", \"action\": \"deleted\"",
            "{\"name\": \"p\", \"key\": \"k\"}"),
        new Example(
            new Change.VersionTagSet("m", 1, "k", null, "", false),
            "\"model_version_tag\", \"action\": \"set\"",
            "{\"name\": \"m\", \"version\": \"1\", \"key\": \"k\", \"value\": \"\"}"),
        new Example(
            new Change.VersionTagDeleted("m", 1, "none", null, false),
            "\"model_version_tag\", \"action\": \"deleted\"",
            "{\"name\": \"m\", \"version\": \"1\", \"key\": \"none\"}"),
        new Example(
            new Change.VersionTagSet("p", 1, "k", null, "v", true),
            "\"prompt_version_tag\", \"action\": \"set\"",
            "{\"name\": \"p\", \"version\": \"1\", \"key\": \"k\", \"value\": \"v\"}"),
        new Example(
            new Change.VersionTagDeleted("p", 1, "k", "v", true),
            "\"prompt_version_tag\", \"action\": \"deleted\"",
            "{\"name\": \"p\", \"version\": \"1\", \"key\": \"k\"}"),
        new Example(
            new Change.AliasSet("m", "al", 1, 2, false),
            "\"model_version_alias\", \"action\": \"created\"",
            "{\"name\": \"m\", \"alias\": \"al\", \"version\": \"2\"}"),
        new Example(
            new Change.AliasDeleted("m", "al", null, false),
            "\"model_version_alias\", \"action\": \"deleted\"",
            "{\"name\": \"m\", \"alias\": \"al\"}"),
        new Example(
            new Change.AliasSet("p", "al", null, 1, true),
            "\"prompt_alias\", \"action\": \"created\"",
            "{\"name\": \"p\", \"alias\": \"al\", \"version\": \"1\"}"),
        new Example(
            new Change.AliasDeleted("p", "al", 1, true),
            "\"prompt_alias\", \"action\": \"deleted\"",
            "{\"name\": \"p\", \"alias\": \"al\"}"));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void bodies(Example example) {
    WebhookEvent event = Objects.requireNonNull(WebhookEvent.of(example.change()));
    assertThat(event.name()).isEqualTo(example.change().name());
    assertThat(event.body(TIME))
        .isEqualTo(
            "{\"entity\": %s, \"timestamp\": \"2026-11-25T19:11:13.447000+00:00\", \"data\": %s}"
                .formatted(example.event(), example.data()));
  }

  static Stream<Change> silent() {
    return Stream.of(
        new Change.ModelUpdated("m", null, "d"),
        new Change.ModelRenamed("m", "n"),
        new Change.ModelDeleted("m"),
        new Change.ModelTagSet("m", "k", null, "v", false),
        new Change.ModelTagDeleted("m", "k", "v", false),
        new Change.VersionUpdated("m", 1, null, "d"),
        new Change.StageChanged("m", 1, "None", "Staging"),
        new Change.VersionDeleted("m", 1));
  }

  @ParameterizedTest
  @MethodSource("silent")
  void mlflowTellsNobodyOfThese(Change change) {
    assertThat(WebhookEvent.of(change)).isNull();
  }

  /** As Python writes a time whose fraction is zero. */
  @Test
  void wholeSeconds() {
    assertThat(WebhookEvent.example(EventType.PROMPT_TAG_DELETED).body(Instant.ofEpochSecond(0)))
        .isEqualTo(
            "{\"entity\": \"prompt_tag\", \"action\": \"deleted\", \"timestamp\":"
                + " \"1970-01-01T00:00:00+00:00\", \"data\": {\"name\": \"example_prompt\","
                + " \"key\": \"example_key\"}}");
  }
}
