package dev.millrace.tracking;

import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.OrderBy;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.KeyedTable;
import dev.millrace.platform.sql.MetricColumn;
import dev.millrace.platform.sql.NumberColumn;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.TextColumn;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of a {@link RunQuery}, to be asked for once. Every condition on a metric, param or tag is
 * a join, so that the planner may begin with whichever finds fewest runs. Where few runs fulfil
 * them, these are found first ({@link #few}) and then put in order: planning the whole question, up
 * to three times, would take several times longer than answering it.
 */
final class RunSearch {

  /** The tag that keeps what a dataset was used for. */
  private static final String CONTEXT_TAG = "mlflow.data.context";

  /** No key has this number, so that a key nobody ever logged is found nowhere. */
  private static final int NO_KEY = -1;

  private static final KeyedTable METRICS = keyed("latest_metrics", "runs.run_no");
  private static final KeyedTable PARAMS = keyed("params", "runs.run_no");
  private static final KeyedTable TAGS = keyed("tags", "runs.run_no");

  /** How many runs are put in order without an index. */
  private static final int FEW = 1000;

  private final RunQuery query;
  private final Dialect dialect;
  private final Map<String, Integer> keyIds;
  private List<Scope> scopes;
  private final List<Long> experimentIds;
  private final List<Part> parts = new ArrayList<>();
  // Conditions on the same value are one join, so that a range is one range of the index.
  private final Map<Field, List<Condition>> demands = new LinkedHashMap<>();
  private int aliases;

  private RunSearch(
      RunQuery query, Dialect dialect, Map<String, Integer> keyIds, List<Long> experimentIds) {
    this.query = query;
    this.dialect = dialect;
    this.keyIds = keyIds;
    this.experimentIds = experimentIds;
    this.scopes = Scope.of(experimentIds);
  }

  /** A part of the question: it joins tables, or adds conditions. */
  @FunctionalInterface
  private interface Part {
    void addTo(Sql from, List<Sql> where, Scope scope);
  }

  /** The metrics, params and tags that {@code query} names, as the dictionary of keys has them. */
  static Set<String> keys(RunQuery query) {
    Set<String> keys = new HashSet<>();
    query.conditions().forEach(condition -> addKey(condition.field(), keys));
    query.orders().forEach(order -> addKey(order.field(), keys));
    return keys;
  }

  /**
   * The question.
   *
   * @param keyIds the numbers of those of {@link #keys} that exist
   * @param stage null for runs of both stages
   */
  static RunSearch of(
      RunQuery query,
      Dialect dialect,
      Map<String, Integer> keyIds,
      List<Long> experimentIds,
      @Nullable LifecycleStage stage) {
    RunSearch search = new RunSearch(query, dialect, keyIds, experimentIds);
    if (stage != null) {
      Sql sql = Sql.of("runs.lifecycle_stage = ?", stage.text());
      search.parts.add((_, where, _) -> where.add(sql));
    }
    search.filter(query.conditions());
    return search;
  }

  /**
   * Finds the runs that fulfil the conditions on metrics, params and tags; their numbers.
   *
   * @return null if there is no such condition, or they are more than {@value #FEW}
   */
  @Nullable List<Long> few(Tx tx) throws SQLException {
    if (demands.isEmpty()) {
      return null;
    }
    Scope all = new Scope(experimentIds);
    Sql sql = Sql.of("SELECT c0.run_no FROM ");
    List<Sql> where = new ArrayList<>();
    int i = 0;
    for (Map.Entry<Field, List<Condition>> demand : demands.entrySet()) {
      String alias = "c" + i++;
      KeyedTable table = table(demand.getKey());
      Sql conditions = conditions(alias, all, demand.getValue());
      if (alias.equals("c0")) {
        sql.add(table.name() + " AS c0");
        where.add(Sql.of("c0.key_id = ?", keyId(demand.getKey())));
        where.add(conditions);
      } else {
        sql.add(keyed(table.name(), "c0.run_no").join(alias, keyId(demand.getKey()), conditions));
      }
    }
    sql.add(" WHERE ").add(Sql.join(" AND ", where)).add(" LIMIT ?", FEW + 1);
    List<Long> found = tx.query(sql, row -> row.longValue(1));
    return found.size() > FEW ? null : found;
  }

  /**
   * The query in SQL.
   *
   * @param few what {@link #few} found
   */
  PageQuery sql(@Nullable List<Long> few) {
    if (few == null) {
      demands.forEach(
          (field, conditions) -> {
            String alias = "c" + aliases++;
            parts.add(
                (from, _, scope) ->
                    from.add(join(field, alias, conditions(alias, scope, conditions))));
          });
    } else {
      scopes = List.of(new Scope(experimentIds));
      Sql sql = Sql.of("runs.run_no = ANY(?)", (Object) few.toArray(Long[]::new));
      parts.add((_, where, _) -> where.add(sql));
    }
    // Those few are looked up by their numbers, whichever they are.
    return new PageQuery(
        RunStore.COLUMNS, RunStore.COLUMN_COUNT, segments(query.orders()), few != null);
  }

  private static void addKey(Field field, Set<String> keys) {
    String key =
        switch (field.entity()) {
          case METRIC, PARAMETER, TAG -> field.key();
          case ATTRIBUTE -> field.key().equals("run_name") ? Runs.NAME_TAG : null;
          case DATASET -> null;
        };
    if (key != null && key.indexOf(0) < 0) {
      keys.add(key);
    }
  }

  private void filter(List<Condition> conditions) {
    for (Condition condition : conditions) {
      Field field = stored(condition.field());
      switch (field.entity()) {
        case ATTRIBUTE -> {
          Sql sql = attribute(condition);
          parts.add((_, where, _) -> where.add(sql));
        }
        case DATASET -> parts.add((_, where, scope) -> where.add(dataset(condition, scope)));
        case METRIC, PARAMETER, TAG -> {
          if (condition instanceof Condition.Presence(_, boolean isPresent) && !isPresent) {
            Sql sql = table(field).missing(keyId(field));
            parts.add((_, where, _) -> where.add(sql));
          } else {
            demands.computeIfAbsent(field, _ -> new ArrayList<>()).add(condition);
          }
        }
      }
    }
  }

  /** MLflow searches names in the tag that repeats them, but orders by the names themselves. */
  private static Field stored(Field field) {
    return field.entity() == Entity.ATTRIBUTE && field.key().equals("run_name")
        ? new Field(Entity.TAG, Runs.NAME_TAG)
        : field;
  }

  private Sql value(String alias, Condition condition) {
    TextColumn text = new TextColumn(dialect, alias + ".value", true);
    return switch (condition) {
      case Condition.OfNumber(_, var operator, var number) ->
          new MetricColumn(alias).compare(operator, number);
      case Condition.OfText(_, var operator, var value) -> text.compare(operator, value);
      case Condition.Membership(_, var isMember, var values) -> text.member(isMember, values);
      case Condition.Presence _ -> Sql.of("TRUE");
    };
  }

  private Sql attribute(Condition condition) {
    String column = "runs." + condition.field().key();
    TextColumn text = new TextColumn(dialect, column, false);
    return switch (condition) {
      case Condition.OfNumber(_, var operator, var number) ->
          new NumberColumn(column).compare(operator, number);
      case Condition.OfText(_, var operator, var value) -> text.compare(operator, value);
      case Condition.Membership(_, var isMember, var values) -> text.member(isMember, values);
      case Condition.Presence _ -> throw new IllegalArgumentException("An attribute is not tested");
    };
  }

  private Sql dataset(Condition condition, Scope scope) {
    boolean isContext = condition.field().key().equals("context");
    String column = isContext ? "t.value" : "d." + condition.field().key();
    TextColumn text = new TextColumn(dialect, column, false);
    Sql demand =
        switch (condition) {
          case Condition.OfText(_, var operator, var value) -> text.compare(operator, value);
          case Condition.Membership(_, var isMember, var values) -> text.member(isMember, values);
          case Condition.OfNumber _, Condition.Presence _ ->
              throw new IllegalArgumentException("A dataset is not compared so");
        };
    return isContext
        ? Sql.of(
                """
                EXISTS (SELECT 1 FROM dataset_input_tags AS t
                  WHERE t.run_no = runs.run_no AND t.key = ? AND \
                """,
                CONTEXT_TAG)
            .add(demand)
            .add(")")
        : Sql.of(
                """
                EXISTS (SELECT 1 FROM dataset_inputs AS i
                  JOIN datasets AS d ON d.dataset_no = i.dataset_no
                  WHERE i.run_no = runs.run_no AND \
                """)
            .add(scope.contains("d.experiment_id"))
            .add(" AND ")
            .add(demand)
            .add(")");
  }

  /**
   * The order. If it begins with a metric, param or tag, the runs that have it come first, out of
   * its index, and those that have not come later.
   */
  private List<Segment> segments(List<OrderBy> orders) {
    OrderBy first = orders.isEmpty() ? null : orders.getFirst();
    if (first == null || first.field().entity() == Entity.ATTRIBUTE) {
      return List.of(segment(keys(orders), RunSearch::inScope));
    }
    Field field = first.field();
    List<SortKey> rest = keys(orders.subList(1, orders.size()));
    List<SortKey> keys = new ArrayList<>();
    List<Segment> segments = new ArrayList<>();
    if (field.entity() == Entity.METRIC) {
      keys.add(SortKey.of("o.value", SortKey.Type.DECIMAL, first.isAscending()));
      keys.addAll(rest);
      segments.add(segment(keys, joined(field, Sql.of("NOT o.is_nan"))));
      // A NaN is stored as 0: saying so lets the index find them, or that there are none.
      segments.add(segment(rest, joined(field, Sql.of("o.is_nan AND o.value = 0"))));
    } else {
      for (String expression : new TextColumn(dialect, "o.value", true).order()) {
        keys.add(SortKey.of(expression, SortKey.Type.TEXT, first.isAscending()));
      }
      keys.addAll(rest);
      segments.add(segment(keys, joined(field, Sql.of("TRUE"))));
    }
    Sql missing = table(field).missing(keyId(field));
    segments.add(
        segment(
            rest,
            (from, where, scope) -> {
              inScope(from, where, scope);
              where.add(missing);
            }));
    return segments;
  }

  private static void inScope(Sql from, List<Sql> where, Scope scope) {
    where.add(scope.contains("runs.experiment_id"));
  }

  /**
   * Joins the value to order by. The runs are then in scope as their values are; to say it again
   * would make PostgreSQL expect fewer rows than there are.
   */
  private Part joined(Field field, Sql condition) {
    return (from, where, scope) -> {
      from.add(join(field, "o", scope.contains("o.experiment_id")));
      where.add(condition);
    };
  }

  private Segment segment(List<SortKey> keys, Part part) {
    List<Branch> branches = new ArrayList<>();
    for (Scope scope : scopes) {
      Sql from = Sql.of("runs");
      List<Sql> where = new ArrayList<>();
      parts.forEach(each -> each.addTo(from, where, scope));
      part.addTo(from, where, scope);
      branches.add(new Branch(from, Sql.join(" AND ", where)));
    }
    return new Segment(branches, keys);
  }

  /** The keys of orders that no index serves, down to the one that tells all runs apart. */
  private List<SortKey> keys(List<OrderBy> orders) {
    List<SortKey> keys = new ArrayList<>();
    for (OrderBy order : orders) {
      keys.addAll(keys(order));
    }
    SortKey.add(keys, SortKey.of("runs.start_time", SortKey.Type.WHOLE, false));
    SortKey.add(keys, SortKey.of("runs.run_id", SortKey.Type.TEXT, true));
    return keys;
  }

  private List<SortKey> keys(OrderBy order) {
    Field field = order.field();
    boolean isAscending = order.isAscending();
    if (field.entity() == Entity.ATTRIBUTE) {
      return switch (field.key()) {
        case "start_time" ->
            List.of(SortKey.of("runs.start_time", SortKey.Type.WHOLE, isAscending));
        case "end_time" -> SortKey.nullsLast("runs.end_time", SortKey.Type.WHOLE, isAscending);
        case "run_name" -> List.of(SortKey.of("runs.name", SortKey.Type.TEXT, isAscending));
        default -> List.of(SortKey.of("runs." + field.key(), SortKey.Type.TEXT, isAscending));
      };
    }
    String alias = "o" + aliases++;
    Sql join = table(field).leftJoin(alias, keyId(field));
    parts.add((from, _, _) -> from.add(join));
    return field.entity() == Entity.METRIC
        ? SortKey.metric(alias, isAscending)
        : SortKey.nullsLast(alias + ".value", SortKey.Type.TEXT, isAscending);
  }

  private Sql join(Field field, String alias, Sql condition) {
    return table(field).join(alias, keyId(field), condition);
  }

  private Sql conditions(String alias, Scope scope, List<Condition> conditions) {
    List<Sql> all = new ArrayList<>();
    all.add(scope.contains(alias + ".experiment_id"));
    conditions.forEach(condition -> all.add(value(alias, condition)));
    return Sql.join(" AND ", all);
  }

  private int keyId(Field field) {
    return keyIds.getOrDefault(field.key(), NO_KEY);
  }

  private static KeyedTable table(Field field) {
    return switch (field.entity()) {
      case METRIC -> METRICS;
      case PARAMETER -> PARAMS;
      case TAG -> TAGS;
      case ATTRIBUTE, DATASET -> throw new IllegalArgumentException("Not a keyed value: " + field);
    };
  }

  private static KeyedTable keyed(String table, String owner) {
    return new KeyedTable(table, owner, "run_no", "key_id");
  }
}
