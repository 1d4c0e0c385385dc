package dev.millrace.registry;

import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Operator;
import java.util.List;
import java.util.Locale;

/**
 * Whether a search finds prompts or leaves them out: mlflow 3.17.2 {@code sqlalchemy_store.py}
 * ({@code _is_querying_prompt}, {@code _update_query_to_exclude_prompts}).
 *
 * @param conditions those that count: conditions on the tag of prompts do only if it is asked for
 * @param asksForPrompts whether the first condition on the tag says that it is true, or not false,
 *     in any case
 */
record PromptFilter(List<Condition> conditions, boolean asksForPrompts) {

  /** What makes a prompt one that searches leave out: here the case counts. */
  static final String TRUE = "true";

  static PromptFilter of(List<Condition> conditions) {
    boolean asksForPrompts =
        conditions.stream()
            .filter(PromptFilter::isAboutTag)
            .findFirst()
            .filter(PromptFilter::asksForPrompts)
            .isPresent();
    return new PromptFilter(
        asksForPrompts
            ? conditions
            : conditions.stream().filter(condition -> !isAboutTag(condition)).toList(),
        asksForPrompts);
  }

  private static boolean isAboutTag(Condition condition) {
    return condition.field().entity() == Entity.TAG
        && condition.field().key().equals(Prompts.IS_PROMPT);
  }

  private static boolean asksForPrompts(Condition condition) {
    return condition instanceof Condition.OfText(_, var operator, var value)
        && ((operator == Operator.EQUAL && value.toLowerCase(Locale.ROOT).equals(TRUE))
            || (operator == Operator.NOT_EQUAL && value.toLowerCase(Locale.ROOT).equals("false")));
  }
}
