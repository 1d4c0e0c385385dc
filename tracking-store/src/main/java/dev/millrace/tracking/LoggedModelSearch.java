package dev.millrace.tracking;

import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
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
import dev.millrace.proto.LoggedModelStatus;
import dev.millrace.tracking.LoggedModelQuery.DatasetFilter;
import dev.millrace.tracking.LoggedModelQuery.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The SQL of a {@link LoggedModelQuery}. */
final class LoggedModelSearch {

  private static final String ID = "logged_models.model_id";
  private static final KeyedTable PARAMS = keyed("logged_model_params");
  private static final KeyedTable TAGS = keyed("logged_model_tags");
  private static final Map<String, String> COLUMNS =
      Map.of(
          "artifact_location", "artifact_uri",
          "creation_timestamp_ms", "creation_time",
          "last_updated_timestamp_ms", "last_update_time");
  private static final Map<String, SortKey.Type> NUMBERS =
      Map.of(
          "experiment_id", SortKey.Type.WHOLE,
          "creation_timestamp_ms", SortKey.Type.WHOLE,
          "last_updated_timestamp_ms", SortKey.Type.WHOLE,
          "status", SortKey.Type.WHOLE);
  private static final String STATUS_PREFIX = "LOGGED_MODEL_";
  private static final String STATUS_NAME =
      Arrays.stream(LoggedModelStatus.values())
          .filter(status -> status != LoggedModelStatus.UNRECOGNIZED)
          .map(status -> "WHEN %d THEN '%s'".formatted(status.getNumber(), status.name()))
          .collect(Collectors.joining(" ", "CASE logged_models.status ", " END"));

  private final Dialect dialect;
  private final LoggedModelQuery query;

  private LoggedModelSearch(Dialect dialect, LoggedModelQuery query) {
    this.dialect = dialect;
    this.query = query;
  }

  /** The query in SQL, which selects ids of models that are not deleted. */
  static PageQuery sql(LoggedModelQuery query, Dialect dialect, List<Long> experimentIds) {
    LoggedModelSearch search = new LoggedModelSearch(dialect, query);
    List<Branch> branches = Scope.of(experimentIds).stream().map(search::branch).toList();
    return new PageQuery(ID, 1, List.of(new Segment(branches, search.keys())));
  }

  private Branch branch(Scope scope) {
    Sql from = Sql.of("logged_models");
    List<Sql> where = new ArrayList<>();
    where.add(scope.contains("logged_models.experiment_id"));
    where.add(Sql.of("logged_models.lifecycle_stage = ?", LifecycleStage.ACTIVE.text()));
    int aliases = 0;
    boolean asksForMetrics = false;
    for (Condition condition : query.conditions()) {
      switch (condition.field().entity()) {
        case ATTRIBUTE -> where.add(attribute(condition));
        case METRIC -> {
          asksForMetrics = true;
          where.add(
              metric(
                  scope,
                  Sql.of("m.key = ? AND ", condition.field().key())
                      .add(
                          condition instanceof Condition.OfNumber(_, var operator, var number)
                              ? new MetricColumn("m").compare(operator, number)
                              : unexpected(condition))));
        }
        case PARAMETER -> from.add(join(PARAMS, "c" + aliases++, condition, scope));
        case TAG -> from.add(join(TAGS, "c" + aliases++, condition, scope));
        case DATASET -> unexpected(condition);
      }
    }
    if (!query.datasets().isEmpty() && !asksForMetrics) {
      where.add(metric(scope, Sql.of("TRUE")));
    }
    for (int i = 0; i < query.orders().size(); i++) {
      Order order = query.orders().get(i);
      if (order.field().entity() == Entity.METRIC) {
        from.add(latest("o" + i, order, scope));
      }
    }
    return new Branch(from, Sql.join(" AND ", where));
  }

  private Sql attribute(Condition condition) {
    String key = condition.field().key();
    if (condition instanceof Condition.OfNumber(_, var operator, var number)) {
      return new NumberColumn(column(key)).compare(operator, number);
    }
    return switch (key) {
      case "status" -> text(STATUS_NAME, false, status(condition));
      case "experiment_id" -> text("CAST(%s AS VARCHAR)".formatted(column(key)), false, condition);
      default -> text(column(key), false, condition);
    };
  }

  private Sql join(KeyedTable table, String alias, Condition condition, Scope scope) {
    return table.join(
        alias,
        condition.field().key(),
        scope
            .contains(alias + ".experiment_id")
            .add(" AND ")
            .add(text(alias + ".value", true, condition)));
  }

  private Sql text(String column, boolean isIndexed, Condition condition) {
    TextColumn text = new TextColumn(dialect, column, isIndexed);
    return switch (condition) {
      case Condition.OfText(_, var operator, var value) -> text.compare(operator, value);
      case Condition.Membership(_, var isMember, var values) -> text.member(isMember, values);
      case Condition.OfNumber _, Condition.Presence _ -> unexpected(condition);
    };
  }

  /** A status may be given by its number, or by its name with or without the prefix. */
  private static Condition status(Condition condition) {
    return switch (condition) {
      case Condition.OfText(var field, var operator, var value) ->
          new Condition.OfText(field, operator, operator.isPattern() ? value : statusName(value));
      case Condition.Membership(var field, var isMember, var values) ->
          new Condition.Membership(
              field, isMember, values.stream().map(LoggedModelSearch::statusName).toList());
      case Condition.OfNumber _, Condition.Presence _ -> condition;
    };
  }

  private static String statusName(String text) {
    return Arrays.stream(LoggedModelStatus.values())
        .filter(status -> status != LoggedModelStatus.UNRECOGNIZED)
        .filter(
            status ->
                text.equals(Integer.toString(status.getNumber()))
                    || status.name().equals(STATUS_PREFIX + text))
        .map(Enum::name)
        .findFirst()
        .orElse(text);
  }

  /** The condition that a model has a metric, on one of the datasets if any are asked for. */
  private Sql metric(Scope scope, Sql condition) {
    Sql sql =
        Sql.of(
                """
                EXISTS (SELECT 1 FROM logged_model_metrics AS m
                  WHERE m.model_id = logged_models.model_id AND \
                """)
            .add(scope.contains("m.experiment_id"))
            .add(" AND ")
            .add(condition);
    if (!query.datasets().isEmpty()) {
      List<Sql> datasets = query.datasets().stream().map(each -> measuredOn("m", each)).toList();
      sql.add(" AND (").add(Sql.join(" OR ", datasets)).add(")");
    }
    return sql.add(")");
  }

  /** Joins the latest value of a metric; for models without one it is NULL. */
  private static Sql latest(String alias, Order order, Scope scope) {
    Sql sql =
        Sql.of(
                """
                 LEFT JOIN (SELECT model_id, value, is_nan, ROW_NUMBER() OVER (
                    PARTITION BY model_id ORDER BY timestamp DESC, step DESC, run_id) AS age
                  FROM logged_model_metrics AS m WHERE m.key = ? AND \
                """,
                order.field().key())
            .add(scope.contains("m.experiment_id"));
    DatasetFilter dataset = order.dataset();
    if (!dataset.name().isEmpty() || !dataset.digest().isEmpty()) {
      sql.add(" AND ").add(measuredOn("m", dataset));
    }
    return sql.add(
        ") AS %1$s ON %1$s.model_id = logged_models.model_id AND %1$s.age = 1".formatted(alias));
  }

  private static Sql measuredOn(String alias, DatasetFilter dataset) {
    List<Sql> conditions = new ArrayList<>();
    if (!dataset.name().isEmpty()) {
      conditions.add(Sql.of(alias + ".dataset_name = ?", dataset.name()));
    }
    if (!dataset.digest().isEmpty()) {
      conditions.add(Sql.of(alias + ".dataset_digest = ?", dataset.digest()));
    }
    return Sql.join(" AND ", conditions);
  }

  private List<SortKey> keys() {
    List<SortKey> keys = new ArrayList<>();
    for (int i = 0; i < query.orders().size(); i++) {
      Order order = query.orders().get(i);
      String key = order.field().key();
      if (order.field().entity() == Entity.METRIC) {
        keys.addAll(SortKey.metric("o" + i, order.isAscending()));
      } else if (key.equals("status_message")) {
        SortKey.nullsLast(column(key), SortKey.Type.TEXT, order.isAscending())
            .forEach(each -> SortKey.add(keys, each));
      } else {
        SortKey.Type type = NUMBERS.getOrDefault(key, SortKey.Type.TEXT);
        SortKey.add(keys, SortKey.of(column(key), type, order.isAscending()));
      }
    }
    SortKey.add(keys, SortKey.of("logged_models.creation_time", SortKey.Type.WHOLE, false));
    SortKey.add(keys, SortKey.of(ID, SortKey.Type.TEXT, true));
    return keys;
  }

  private static String column(String key) {
    return "logged_models." + COLUMNS.getOrDefault(key, key);
  }

  private static KeyedTable keyed(String table) {
    return new KeyedTable(table, ID, "model_id", "key");
  }

  private static Sql unexpected(Condition condition) {
    throw new IllegalArgumentException("Nothing that models are asked: " + condition);
  }
}
