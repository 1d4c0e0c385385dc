package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.OrderBy;
import java.util.List;

/**
 * What a search of model versions asks for: mlflow 3.17.2 {@code sqlalchemy_store.py} ({@code
 * search_model_versions}).
 *
 * @param filter all its conditions have to be fulfilled
 * @param orders at least one, each field at most once; behind them, versions go by their names and
 *     down from the highest
 */
record ModelVersionQuery(PromptFilter filter, List<OrderBy> orders) {

  private static final ModelVersionVocabulary VOCABULARY = new ModelVersionVocabulary();
  private static final List<String> LAST_UPDATED = List.of("last_updated_timestamp DESC");

  /**
   * Reads a filter and an order.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no search of model versions
   */
  static ModelVersionQuery parse(String filter, List<String> orderBy) {
    return new ModelVersionQuery(
        PromptFilter.of(VOCABULARY.conditions(filter)),
        VOCABULARY.distinctOrders(orderBy.isEmpty() ? LAST_UPDATED : orderBy));
  }
}
