package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Literals;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.Parser;
import dev.millrace.platform.search.Term;
import dev.millrace.proto.SearchLoggedModelsRequest.Dataset;
import dev.millrace.proto.SearchLoggedModelsRequest.OrderBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a search of logged models asks for: mlflow 3.17.2 {@code search_logged_model_utils.py},
 * which has a grammar of its own, and {@code sqlalchemy_store.py} ({@code search_logged_models}).
 *
 * @param conditions all of them have to be fulfilled; attributes under their main names
 * @param datasets if there are any, metrics count only where they were measured on one of them, and
 *     a model has to have such a metric
 * @param orders attributes and metrics
 */
record LoggedModelQuery(
    List<Condition> conditions, List<DatasetFilter> datasets, List<Order> orders) {

  /** More conditions, orders or datasets cost more than they can be worth. */
  private static final int MAX_CLAUSES = 64;

  private static final Pattern PREFIXED = Pattern.compile("([a-z]+)\\.(.+)");
  private static final Map<String, Entity> ENTITIES =
      Map.of(
          "attributes", Entity.ATTRIBUTE,
          "metrics", Entity.METRIC,
          "params", Entity.PARAMETER,
          "tags", Entity.TAG);
  private static final Map<String, String> ALIASES =
      Map.of(
          "creation_time", "creation_timestamp_ms",
          "creation_timestamp", "creation_timestamp_ms",
          "last_updated_timestamp", "last_updated_timestamp_ms");
  private static final Set<String> NUMBERS =
      Set.of("creation_timestamp_ms", "last_updated_timestamp_ms");
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "model_id",
          "experiment_id",
          "name",
          "artifact_location",
          "creation_timestamp_ms",
          "last_updated_timestamp_ms",
          "status",
          "lifecycle_stage",
          "model_type",
          "source_run_id",
          "status_message");
  private static final String NUMERIC_OPERATORS = "('<', '<=', '>', '>=', '=', '!=')";
  private static final String TEXT_OPERATORS = "('=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN')";

  /**
   * A dataset that metrics were measured on.
   *
   * @param digest empty for any
   */
  record DatasetFilter(String name, String digest) {}

  /**
   * One field to order by.
   *
   * @param dataset of a metric, what it was measured on; both empty for anything
   */
  record Order(Field field, boolean isAscending, DatasetFilter dataset) {}

  /**
   * Checks the datasets, which MLflow does before anything else.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static List<DatasetFilter> datasets(List<Dataset> datasets) {
    checkCount("datasets", datasets.size());
    if (datasets.stream().anyMatch(dataset -> dataset.getDatasetName().isEmpty())) {
      throw MillraceException.invalidParameter(
          "`dataset_name` in the `datasets` clause must be specified.");
    }
    return datasets.stream()
        .map(dataset -> new DatasetFilter(dataset.getDatasetName(), dataset.getDatasetDigest()))
        .toList();
  }

  /**
   * Reads a filter.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static List<Condition> conditions(String filter) {
    if (filter.isEmpty()) {
      return List.of();
    }
    List<List<Term>> statements = Parser.parse(filter);
    if (statements.size() != 1) {
      throw MillraceException.invalidParameter(
          "Invalid filter string: %s. Expected a single SQL expression."
              .formatted(PythonText.of(filter)));
    }
    checkCount("comparisons", statements.getFirst().size());
    List<Condition> conditions = new ArrayList<>();
    for (Term term : statements.getFirst()) {
      if (!(term instanceof Term.Comparison comparison)) {
        throw MillraceException.invalidParameter(
            "Invalid filter string: %s. Expected a list of comparisons separated by 'AND' (e.g."
                    .formatted(PythonText.of(filter))
                + " 'metrics.loss > 0.1 AND params.lr = 0.01').");
      }
      conditions.add(condition(comparison));
    }
    return conditions;
  }

  /**
   * Reads an order.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static List<Order> orders(List<OrderBy> orderBy) {
    checkCount("order_by clauses", orderBy.size());
    return orderBy.stream().map(LoggedModelQuery::order).toList();
  }

  private static Order order(OrderBy orderBy) {
    String name = orderBy.getFieldName();
    boolean isAscending = !orderBy.hasAscending() || orderBy.getAscending();
    DatasetFilter dataset = new DatasetFilter(orderBy.getDatasetName(), orderBy.getDatasetDigest());
    int dot = name.indexOf('.');
    if (dot < 0) {
      String attribute = ALIASES.getOrDefault(name, name);
      if (!ATTRIBUTES.contains(attribute)) {
        throw MillraceException.invalidParameter("Invalid order by field name: " + name);
      }
      return new Order(new Field(Entity.ATTRIBUTE, attribute), isAscending, dataset);
    }
    if (!name.startsWith("metrics.")) {
      throw MillraceException.invalidParameter(
          "Invalid order by field name: %s. Only metrics are supported.".formatted(name));
    }
    String key = Literals.withoutBackticks(name.substring(dot + 1));
    return new Order(new Field(Entity.METRIC, key), isAscending, dataset);
  }

  private static Condition condition(Term.Comparison comparison) {
    Field field = field(comparison.left().source());
    Term value = comparison.right();
    if (value == null) {
      throw MillraceException.invalidParameter(
          "Invalid comparison: %s%s. Expected a comparison with 3 tokens."
              .formatted(comparison.left().source(), comparison.operator()));
    }
    boolean isNumeric = field.entity() == Entity.METRIC || isNumber(field);
    String operator = comparison.operator().toUpperCase(Locale.ROOT);
    boolean isList = operator.equals("IN") || operator.equals("NOT IN");
    Operator known = Operator.of(operator);
    boolean fits =
        (isList && !isNumeric)
            || (known != null && (isNumeric ? known.isNumeric() : known.isTextual()));
    if (!fits || (!isNumeric && isList != value instanceof Term.Group)) {
      throw MillraceException.invalidParameter(
          "Invalid comparison operator for %s: %s. Expected one of %s."
              .formatted(
                  name(field),
                  PythonText.of(operator),
                  isNumeric ? NUMERIC_OPERATORS : TEXT_OPERATORS));
    }
    if (field.entity() == Entity.ATTRIBUTE && !ATTRIBUTES.contains(field.key())) {
      throw MillraceException.invalidParameter(
          "Invalid attribute key '%s' specified. Valid keys are '%s'"
              .formatted(field.key(), PythonText.of(new TreeSet<>(ATTRIBUTES))));
    }
    if (known == null) {
      return new Condition.Membership(field, operator.equals("IN"), list((Term.Group) value));
    }
    if (!isNumeric) {
      return new Condition.OfText(field, known, text(value));
    }
    if (!(value instanceof Term.Numeral numeral)) {
      throw MillraceException.invalidParameter(
          "Expected a numeric value for %s. Found %s".formatted(name(field), value.source()));
    }
    return new Condition.OfNumber(field, known, Literals.number(numeral));
  }

  private static Field field(String identifier) {
    Matcher prefixed = PREFIXED.matcher(identifier);
    if (!prefixed.matches()) {
      return attribute(identifier);
    }
    Entity entity = ENTITIES.get(prefixed.group(1));
    if (entity == null) {
      throw MillraceException.invalidParameter(
          "Invalid entity type: %s. Expected one of ['attributes', 'metrics', 'params', 'tags']."
              .formatted(PythonText.of(prefixed.group(1))));
    }
    String key = prefixed.group(2);
    return entity == Entity.ATTRIBUTE
        ? attribute(key)
        : new Field(entity, Literals.withoutBackticks(Literals.withoutQuotes(key)));
  }

  private static Field attribute(String text) {
    String name = Literals.withoutBackticks(text);
    return new Field(Entity.ATTRIBUTE, ALIASES.getOrDefault(name, name));
  }

  private static boolean isNumber(Field field) {
    return field.entity() == Entity.ATTRIBUTE && NUMBERS.contains(field.key());
  }

  /** A field as MLflow's messages name it. */
  private static String name(Field field) {
    return switch (field.entity()) {
          case ATTRIBUTE -> "attributes.";
          case METRIC -> "metrics.";
          case PARAMETER -> "params.";
          case TAG -> "tags.";
          case DATASET -> throw new IllegalArgumentException("No field of a model: " + field);
        }
        + field.key();
  }

  /** Here, a text need not be in quotes. */
  private static String text(Term value) {
    return Literals.withoutQuotes(value.source());
  }

  /** Here, a list may be empty. */
  private static List<String> list(Term.Group group) {
    String source = group.source();
    return source.substring(1, source.length() - 1).isBlank() ? List.of() : Literals.texts(group);
  }

  private static void checkCount(String what, int count) {
    if (count > MAX_CLAUSES) {
      throw MillraceException.invalidParameter(
          "Invalid search: it has %d %s, and may have at most %d"
              .formatted(count, what, MAX_CLAUSES));
    }
  }
}
