package dev.millrace.registry;

import dev.millrace.platform.error.PythonText;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that webhooks are told. Which change raises which event, and what it carries, is that
 * of mlflow 3.17.2 {@code handlers.py}; the text is byte for byte what Python's {@code json.dumps}
 * makes.
 *
 * @param name the model's, by which events are kept in order
 * @param data JSON
 */
record WebhookEvent(EventType type, String name, String data) {

  private static final String IS_PROMPT = "mlflow.prompt.is_prompt";
  private static final String PROMPT_TYPE = "_mlflow_prompt_type";
  private static final String PROMPT_TEXT = "mlflow.prompt.text";

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss");
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

  /**
   * The event that a change raises.
   *
   * @return null if it raises none
   */
  static @Nullable WebhookEvent of(Change change) {
    return switch (change) {
      case Change.ModelCreated(var name, var tags, var description) -> {
        boolean isPrompt = tags.getOrDefault(IS_PROMPT, "").equalsIgnoreCase("true");
        yield of(
            isPrompt ? EventType.PROMPT_CREATED : EventType.REGISTERED_MODEL_CREATED,
            new Fields()
                .with("name", name)
                .with("tags", isPrompt ? without(tags, Set.of(IS_PROMPT, PROMPT_TYPE)) : tags)
                .with("description", description == null ? "" : description),
            name);
      }
      case Change.ModelTagSet(var name, var key, _, var value, var isPrompt) ->
          isPrompt
              ? of(
                  EventType.PROMPT_TAG_SET,
                  new Fields().with("name", name).with("key", key).with("value", value),
                  name)
              : null;
      case Change.ModelTagDeleted(var name, var key, _, var isPrompt) ->
          isPrompt
              ? of(
                  EventType.PROMPT_TAG_DELETED,
                  new Fields().with("name", name).with("key", key),
                  name)
              : null;
      case Change.AliasSet(var name, var alias, _, var version, var isPrompt) ->
          of(
              isPrompt ? EventType.PROMPT_ALIAS_CREATED : EventType.MODEL_VERSION_ALIAS_CREATED,
              new Fields().with("name", name).with("alias", alias).with("version", text(version)),
              name);
      case Change.AliasDeleted(var name, var alias, _, var isPrompt) ->
          of(
              isPrompt ? EventType.PROMPT_ALIAS_DELETED : EventType.MODEL_VERSION_ALIAS_DELETED,
              new Fields().with("name", name).with("alias", alias),
              name);
      case Change.VersionCreated created -> created.isPrompt() ? prompt(created) : model(created);
      case Change.VersionTagSet(var name, var version, var key, _, var value, var isPrompt) ->
          of(
              isPrompt ? EventType.PROMPT_VERSION_TAG_SET : EventType.MODEL_VERSION_TAG_SET,
              new Fields()
                  .with("name", name)
                  .with("version", text(version))
                  .with("key", key)
                  .with("value", value),
              name);
      case Change.VersionTagDeleted(var name, var version, var key, _, var isPrompt) ->
          of(
              isPrompt ? EventType.PROMPT_VERSION_TAG_DELETED : EventType.MODEL_VERSION_TAG_DELETED,
              new Fields().with("name", name).with("version", text(version)).with("key", key),
              name);
      case Change.ModelUpdated _,
          Change.ModelRenamed _,
          Change.ModelDeleted _,
          Change.VersionUpdated _,
          Change.StageChanged _,
          Change.VersionDeleted _ ->
          null;
    };
  }

  /** The event of a test call. */
  static WebhookEvent example(EventType type) {
    return new WebhookEvent(type, "", type.example());
  }

  /**
   * The body of the request that tells it.
   *
   * @param time when it happened
   */
  String body(Instant time) {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    // As Python's isoformat, which leaves out a fraction of zero.
    DateTimeFormatter format = utc.getNano() < 1000 ? SECONDS : MICROSECONDS;
    return "{\"entity\": %s, \"action\": %s, \"timestamp\": \"%s+00:00\", \"data\": %s}"
        .formatted(
            PythonText.json(type.entity()),
            PythonText.json(type.action()),
            format.format(utc),
            data);
  }

  private static WebhookEvent of(EventType type, Fields data, String name) {
    return new WebhookEvent(type, name, data.json());
  }

  private static WebhookEvent model(Change.VersionCreated created) {
    return of(
        EventType.MODEL_VERSION_CREATED,
        new Fields()
            .with("name", created.name())
            .with("version", text(created.versionNumber()))
            .with("source", created.source())
            .with("run_id", nullIfEmpty(created.runId()))
            .with("tags", created.tags())
            .with("description", nullIfEmpty(created.description())),
        created.name());
  }

  private static WebhookEvent prompt(Change.VersionCreated created) {
    return of(
        EventType.PROMPT_VERSION_CREATED,
        new Fields()
            .with("name", created.name())
            .with("version", text(created.versionNumber()))
            .with("template", created.tags().get(PROMPT_TEXT))
            .with("tags", without(created.tags(), Set.of(PROMPT_TEXT, IS_PROMPT, PROMPT_TYPE)))
            .with("description", nullIfEmpty(created.description())),
        created.name());
  }

  private static Map<String, String> without(Map<String, String> tags, Set<String> keys) {
    Map<String, String> others = new LinkedHashMap<>(tags);
    others.keySet().removeAll(keys);
    return others;
  }

  private static String text(int version) {
    return Integer.toString(version);
  }

  private static @Nullable String nullIfEmpty(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  /** A JSON object in the making. */
  private static final class Fields {

    private final StringBuilder json = new StringBuilder("{");

    Fields with(String name, @Nullable String value) {
      return add(name, value == null ? "null" : PythonText.json(value));
    }

    Fields with(String name, Map<String, String> values) {
      Fields object = new Fields();
      values.forEach(object::with);
      return add(name, object.json());
    }

    String json() {
      return json + "}";
    }

    private Fields add(String name, String value) {
      json.append(json.length() == 1 ? "" : ", ")
          .append(PythonText.json(name))
          .append(": ")
          .append(value);
      return this;
    }
  }
}
