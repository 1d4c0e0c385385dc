package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.OrderBy;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.KeyedTable;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.TextColumn;
import java.util.ArrayList;
import java.util.List;

/**
 * What a search of registered models asks for, and its SQL: mlflow 3.17.2 {@code
 * sqlalchemy_store.py} ({@code search_registered_models}).
 *
 * @param filter all its conditions have to be fulfilled
 * @param orders each field at most once; behind them, models go by their names
 */
record RegisteredModelQuery(PromptFilter filter, List<OrderBy> orders) {

  private static final RegisteredModelVocabulary VOCABULARY = new RegisteredModelVocabulary();
  private static final KeyedTable TAGS =
      new KeyedTable("registered_model_tags", "registered_models.model_no", "model_no", "key");
  private static final String NAME = "registered_models.name";

  /**
   * Reads a filter and an order.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no search of registered models
   */
  static RegisteredModelQuery parse(String filter, List<String> orderBy) {
    return new RegisteredModelQuery(
        PromptFilter.of(VOCABULARY.conditions(filter)), VOCABULARY.distinctOrders(orderBy));
  }

  /** The query in SQL. */
  PageQuery sql(Dialect dialect) {
    Sql from = Sql.of("registered_models");
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of("registered_models.workspace = ?", Workspace.DEFAULT));
    if (!filter.asksForPrompts()) {
      where.add(
          Sql.of(
              """
              NOT EXISTS (SELECT 1 FROM registered_model_tags AS prompt
                WHERE prompt.model_no = registered_models.model_no AND prompt.key = ?
                  AND prompt.value = ?)\
              """,
              Prompts.IS_PROMPT,
              PromptFilter.TRUE));
    }
    int aliases = 0;
    for (Condition condition : filter.conditions()) {
      if (condition.field().entity() == Entity.TAG) {
        String alias = "c" + aliases++;
        Sql value = text(new TextColumn(dialect, alias + ".value", false), condition);
        from.add(TAGS.join(alias, condition.field().key(), value));
      } else {
        // PostgreSQL finds the beginning of a pattern by itself.
        where.add(text(new TextColumn(dialect, NAME, dialect == Dialect.H2), condition));
      }
    }
    boolean isBackwards = !orders.isEmpty() && !orders.getFirst().isAscending();
    List<String> fixed =
        dialect.inFront(List.of("registered_models.workspace" + (isBackwards ? " DESC" : "")));
    Branch branch = new Branch(from, Sql.join(" AND ", where), fixed);
    return new PageQuery(
        RegisteredModelStore.COLUMNS,
        RegisteredModelStore.COLUMN_COUNT,
        List.of(new Segment(List.of(branch), keys())));
  }

  private static Sql text(TextColumn column, Condition condition) {
    return switch (condition) {
      case Condition.OfText(_, var operator, var value) -> column.compare(operator, value);
      case Condition.Membership(_, var isMember, var values) -> column.member(isMember, values);
      case Condition.OfNumber _, Condition.Presence _ ->
          throw new IllegalArgumentException("Nothing that models are asked: " + condition);
    };
  }

  private List<SortKey> keys() {
    List<SortKey> keys = new ArrayList<>();
    for (OrderBy order : orders) {
      keys.add(
          order.field().key().equals(RegisteredModelVocabulary.NAME)
              ? SortKey.of(NAME, SortKey.Type.TEXT, order.isAscending())
              : SortKey.of(
                  "registered_models.last_update_time", SortKey.Type.WHOLE, order.isAscending()));
    }
    SortKey.add(keys, SortKey.of(NAME, SortKey.Type.TEXT, true));
    return keys;
  }
}
