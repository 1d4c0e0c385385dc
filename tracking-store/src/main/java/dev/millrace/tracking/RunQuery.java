package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.OrderBy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a search of runs asks for: mlflow 3.17.2 {@code sqlalchemy_store.py} ({@code _search_runs},
 * {@code _get_orderby_clauses}).
 *
 * @param conditions all of them have to be fulfilled; attributes under their main names
 * @param orders no field twice
 */
record RunQuery(List<Condition> conditions, List<OrderBy> orders) {

  private static final RunVocabulary VOCABULARY = new RunVocabulary();

  /**
   * Reads a filter and an order.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no search of runs
   */
  static RunQuery parse(String filter, List<String> orderBy) {
    List<Condition> conditions = VOCABULARY.conditions(filter);
    List<OrderBy> orders = VOCABULARY.orders(orderBy);
    Set<Field> seen = new HashSet<>();
    for (OrderBy order : orders) {
      if (order.field().entity() == Entity.DATASET) {
        throw MillraceException.invalidParameter("Invalid identifier type 'dataset'");
      }
      if (!seen.add(order.field())) {
        throw MillraceException.invalidParameter(
            "`order_by` contains duplicate fields: " + PythonText.of(orderBy));
      }
    }
    return new RunQuery(conditions, orders);
  }
}
