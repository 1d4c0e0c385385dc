package dev.millrace.registry;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What makes a registered model, or a version, a prompt: a tag (mlflow 3.17.2 {@code
 * prompt/constants.py}).
 */
final class Prompts {

  /** A prompt has this tag with the value "true", in letters of any case. */
  static final String IS_PROMPT = "mlflow.prompt.is_prompt";

  /** The tag of a version that holds its template. */
  static final String TEXT = "mlflow.prompt.text";

  /** The sources that versions of prompts have: they have no artifacts. */
  static final Set<String> SOURCES = Set.of("dummy-source", "prompt-template");

  private Prompts() {}

  /** Whether something with these tags is a prompt. */
  static boolean isPrompt(Map<String, String> tags) {
    return isPrompt(tags.get(IS_PROMPT));
  }

  /**
   * Whether something is a prompt.
   *
   * @param tag its tag {@link #IS_PROMPT}; null if it has none
   */
  static boolean isPrompt(@Nullable String tag) {
    return tag != null && tag.toLowerCase(Locale.ROOT).equals("true");
  }
}
