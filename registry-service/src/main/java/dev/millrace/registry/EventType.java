package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a webhook can be told, from mlflow 3.17.2 {@code entities/webhook.py}; with the example that
 * a test call sends, from {@code webhooks/types.py}, as measured on the wire.
 */
enum EventType {
  REGISTERED_MODEL_CREATED(
      "registered_model",
      "created",
      """
      {"name": "example_model", "tags": {"example_key": "example_value"}, \
      "description": "An example registered model"}\
      """),
  MODEL_VERSION_CREATED(
      "model_version",
      "created",
      """
      {"name": "example_model", "version": "1", "source": "models:/123", \
      "run_id": "abcd1234abcd5678", "tags": {"example_key": "example_value"}, \
      "description": "An example model version"}\
      """),
  MODEL_VERSION_TAG_SET(
      "model_version_tag",
      "set",
      """
      {"name": "example_model", "version": "1", "key": "example_key", "value": "example_value"}\
      """),
  MODEL_VERSION_TAG_DELETED(
      "model_version_tag",
      "deleted",
      """
      {"name": "example_model", "version": "1", "key": "example_key"}\
      """),
  MODEL_VERSION_ALIAS_CREATED(
      "model_version_alias",
      "created",
      """
      {"name": "example_model", "alias": "example_alias", "version": "1"}\
      """),
  MODEL_VERSION_ALIAS_DELETED(
      "model_version_alias",
      "deleted",
      """
      {"name": "example_model", "alias": "example_alias"}\
      """),
  PROMPT_CREATED(
      "prompt",
      "created",
      """
      {"name": "example_prompt", "tags": {"example_key": "example_value"}, \
      "description": "An example prompt"}\
      """),
  PROMPT_VERSION_CREATED(
      "prompt_version",
      "created",
      """
      {"name": "example_prompt", "version": "1", "template": "Hello {{name}}!", \
      "tags": {"example_key": "example_value"}, "description": "An example prompt version"}\
      """),
  PROMPT_TAG_SET(
      "prompt_tag",
      "set",
      """
      {"name": "example_prompt", "key": "example_key", "value": "example_value"}\
      """),
  PROMPT_TAG_DELETED(
      "prompt_tag",
      "deleted",
      """
      {"name": "example_prompt", "key": "example_key"}\
      """),
  PROMPT_VERSION_TAG_SET(
      "prompt_version_tag",
      "set",
      """
      {"name": "example_prompt", "version": "1", "key": "example_key", "value": "example_value"}\
      """),
  PROMPT_VERSION_TAG_DELETED(
      "prompt_version_tag",
      "deleted",
      """
      {"name": "example_prompt", "version": "1", "key": "example_key"}\
      """),
  PROMPT_ALIAS_CREATED(
      "prompt_alias",
      "created",
      """
      {"name": "example_prompt", "alias": "example_alias", "version": "1"}\
      """),
  PROMPT_ALIAS_DELETED(
      "prompt_alias",
      "deleted",
      """
      {"name": "example_prompt", "alias": "example_alias"}\
      """),
  BUDGET_POLICY_EXCEEDED(
      "budget_policy",
      "exceeded",
      """
      {"budget_policy_id": "bp-abc123", "budget_unit": "USD", "budget_amount": 100.0, \
      "current_spend": 105.5, "duration_unit": "MONTHS", "duration_value": 1, \
      "target_scope": "ENDPOINT", "workspace": "default", "target_value": "ep-abc123", \
      "window_start": 1704067200000}\
      """);

  private final String entity;
  private final String action;
  private final String example;

  EventType(String entity, String action, String example) {
    this.entity = entity;
    this.action = action;
    this.example = example;
  }

  /**
   * The type with this entity and action.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is none, with MLflow's message
   */
  static EventType of(String entity, String action) {
    List<EventType> ofEntity =
        Arrays.stream(values()).filter(type -> type.entity.equals(entity)).toList();
    return ofEntity.stream()
        .filter(type -> type.action.equals(action))
        .findFirst()
        .orElseThrow(
            () ->
                MillraceException.invalidParameter(
                    "Invalid action '%s' for entity '%s'. Valid actions are: %s"
                        .formatted(
                            action,
                            entity,
                            PythonText.of(
                                ofEntity.stream().map(EventType::action).sorted().toList()))));
  }

  /**
   * The type with this {@link #text}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static EventType parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT).replace('.', '_'));
  }

  String entity() {
    return entity;
  }

  String action() {
    return action;
  }

  /** As it is stored and shown: {@code registered_model.created}. */
  String text() {
    return entity + "." + action;
  }

  /** The data that a test call sends, as JSON. */
  String example() {
    return example;
  }
}
