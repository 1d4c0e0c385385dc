package dev.millrace.tracking;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.OrderBy;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.KeyedTable;
import dev.millrace.platform.sql.NumberColumn;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.TextColumn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search of experiments asks for, and its SQL: mlflow 3.17.2 {@code sqlalchemy_store.py}
 * ({@code _search_experiments}).
 *
 * @param conditions all of them have to be fulfilled
 * @param orders all of them attributes
 */
record ExperimentQuery(List<Condition> conditions, List<OrderBy> orders) {

  private static final ExperimentVocabulary VOCABULARY = new ExperimentVocabulary();
  private static final KeyedTable TAGS =
      new KeyedTable("experiment_tags", "experiments.experiment_id", "experiment_id", "key");
  private static final String ID = "experiments.experiment_id";

  /**
   * Reads a filter and an order.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no search of experiments
   */
  static ExperimentQuery parse(String filter, List<String> orderBy) {
    return new ExperimentQuery(VOCABULARY.conditions(filter), VOCABULARY.orders(orderBy));
  }

  /**
   * The query in SQL.
   *
   * @param stage null for experiments of both stages
   */
  PageQuery sql(Dialect dialect, @Nullable LifecycleStage stage) {
    Sql from = Sql.of("experiments");
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of("experiments.workspace = ?", Workspace.DEFAULT));
    if (stage != null) {
      where.add(Sql.of("experiments.lifecycle_stage = ?", stage.text()));
    }
    int aliases = 0;
    for (Condition condition : conditions) {
      Field field = condition.field();
      if (field.entity() == Entity.ATTRIBUTE) {
        where.add(attribute(dialect, condition));
      } else if (condition instanceof Condition.Presence(_, boolean isPresent) && !isPresent) {
        where.add(TAGS.missing(field.key()));
      } else {
        String alias = "c" + aliases++;
        from.add(TAGS.join(alias, field.key(), tag(dialect, alias, condition)));
      }
    }
    Branch branch = new Branch(from, Sql.join(" AND ", where));
    return new PageQuery(
        ExperimentStore.COLUMNS,
        ExperimentStore.COLUMN_COUNT,
        List.of(new Segment(List.of(branch), keys())));
  }

  private static Sql attribute(Dialect dialect, Condition condition) {
    String column = "experiments." + condition.field().key();
    return switch (condition) {
      case Condition.OfNumber(_, var operator, var number) ->
          new NumberColumn(column).compare(operator, number);
      case Condition.OfText(_, var operator, var value) ->
          new TextColumn(dialect, column, false).compare(operator, value);
      case Condition.Membership(_, var isMember, var ids) ->
          Sql.of(
              (isMember ? "%s = ANY(?)" : "NOT %s = ANY(?)").formatted(column),
              (Object) ids.stream().map(Experiments::parseId).toArray(Long[]::new));
      case Condition.Presence _ -> throw new IllegalArgumentException("An attribute is not tested");
    };
  }

  private static Sql tag(Dialect dialect, String alias, Condition condition) {
    return switch (condition) {
      case Condition.OfText(_, var operator, var value) ->
          new TextColumn(dialect, alias + ".value", false).compare(operator, value);
      case Condition.Presence _ -> Sql.of("TRUE");
      case Condition.OfNumber _, Condition.Membership _ ->
          throw new IllegalArgumentException("A tag is not compared so");
    };
  }

  /** Who asks for no order gets the newest first; who asks for one, the newest of those equal. */
  private List<SortKey> keys() {
    List<SortKey> keys = new ArrayList<>();
    for (OrderBy order : orders) {
      String column = "experiments." + order.field().key();
      SortKey.Type type =
          order.field().key().equals("name") ? SortKey.Type.TEXT : SortKey.Type.WHOLE;
      SortKey.add(keys, SortKey.of(column, type, order.isAscending()));
    }
    if (orders.isEmpty()) {
      keys.add(SortKey.of("experiments.creation_time", SortKey.Type.WHOLE, false));
    }
    SortKey.add(keys, SortKey.of(ID, SortKey.Type.WHOLE, orders.isEmpty()));
    return keys;
  }
}
