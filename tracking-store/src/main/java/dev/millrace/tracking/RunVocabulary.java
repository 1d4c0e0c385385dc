package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Identifier;
import dev.millrace.platform.search.Literals;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.Term;
import dev.millrace.platform.search.Vocabulary;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What runs are searched by: mlflow 3.17.2 {@code search_utils.py} ({@code SearchUtils}). */
final class RunVocabulary extends Vocabulary {

  private static final Map<String, Entity> ENTITIES =
      Map.ofEntries(
          Map.entry("metric", Entity.METRIC),
          Map.entry("metrics", Entity.METRIC),
          Map.entry("parameter", Entity.PARAMETER),
          Map.entry("parameters", Entity.PARAMETER),
          Map.entry("param", Entity.PARAMETER),
          Map.entry("params", Entity.PARAMETER),
          Map.entry("tag", Entity.TAG),
          Map.entry("tags", Entity.TAG),
          Map.entry("attribute", Entity.ATTRIBUTE),
          Map.entry("attributes", Entity.ATTRIBUTE),
          Map.entry("attr", Entity.ATTRIBUTE),
          Map.entry("run", Entity.ATTRIBUTE),
          Map.entry("dataset", Entity.DATASET),
          Map.entry("datasets", Entity.DATASET));
  private static final Map<String, String> ALIASES =
      Map.of(
          "created", "start_time",
          "Created", "start_time",
          "run name", "run_name",
          "Run name", "run_name",
          "Run Name", "run_name");
  private static final Set<String> NUMBERS = Set.of("start_time", "end_time", "created", "Created");
  private static final Set<String> ORDERED =
      Set.of(
          "run_id",
          "run_name",
          "user_id",
          "status",
          "start_time",
          "end_time",
          "artifact_uri",
          "created",
          "Created");
  private static final Set<String> SEARCHED = union(ORDERED, ALIASES.keySet());
  private static final Set<String> DATASET_KEYS = Set.of("name", "digest", "context");
  private static final String NUMERIC_OPERATORS = set(List.of("=", "!=", "<", "<=", ">", ">="));
  private static final String TEXT_OPERATORS =
      set(List.of("=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"));
  private static final String LIST_OPERATORS =
      set(List.of("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"));

  @Override
  protected String enumerate(List<String> strays) {
    return strays.stream().map("'%s'"::formatted).collect(Collectors.joining(", "));
  }

  @Override
  protected Field field(String identifier) {
    return field(identifier, SEARCHED);
  }

  @Override
  protected Field orderField(String identifier) {
    return main(field(identifier, ORDERED));
  }

  @Override
  protected Condition comparison(Field field, String operator, Term value) {
    String word = operator.toUpperCase(Locale.ROOT);
    return switch (field.entity()) {
      case METRIC ->
          number(
              field,
              word,
              value,
              "Expected numeric value type for metric. Found ",
              NUMERIC_OPERATORS);
      case PARAMETER -> text(field, word, value, quoted(field), TEXT_OPERATORS + "'");
      case TAG -> text(field, word, value, quoted(field), TEXT_OPERATORS);
      case ATTRIBUTE -> attribute(field, word, value);
      case DATASET ->
          text(
              field,
              word,
              value,
              "Expected a quoted string value for dataset attributes. Got value ",
              LIST_OPERATORS);
    };
  }

  @Override
  protected Condition presence(Field field, boolean isPresent) {
    if (field.entity() != Entity.TAG && field.entity() != Entity.PARAMETER) {
      throw MillraceException.invalidParameter(
          "IS NULL / IS NOT NULL is only supported for tags and params, not for '%s' '%s'"
              .formatted(field.entity().text(), field.key()));
    }
    return new Condition.Presence(field, isPresent);
  }

  private static Field field(String identifier, Set<String> attributes) {
    Identifier parts = Identifier.of(identifier);
    Entity entity = parts.entity() == null ? Entity.ATTRIBUTE : entity(parts.entity());
    if (entity == Entity.ATTRIBUTE && !attributes.contains(parts.key())) {
      throw MillraceException.invalidParameter(
          "Invalid attribute key '%s' specified. Valid keys are '%s'"
              .formatted(parts.key(), set(attributes)));
    }
    if (entity == Entity.DATASET && !DATASET_KEYS.contains(parts.key())) {
      throw MillraceException.invalidParameter(
          "Invalid dataset key '%s' specified. Valid keys are '%s'"
              .formatted(parts.key(), set(DATASET_KEYS)));
    }
    return new Field(entity, parts.key());
  }

  private static Entity entity(String text) {
    String name = Literals.withoutBackticks(text);
    Entity entity = ENTITIES.get(name);
    if (entity == null) {
      throw MillraceException.invalidParameter(
          "Invalid entity type '%s'. Valid values are %s"
              .formatted(
                  name, PythonText.of(Arrays.stream(Entity.values()).map(Entity::text).toList())));
    }
    return entity;
  }

  private static Condition attribute(Field field, String operator, Term value) {
    if (NUMBERS.contains(field.key())) {
      // The message names the operators of texts; so does MLflow's.
      return number(
          field,
          operator,
          value,
          "Expected numeric value type for numeric attribute: %s. Found ".formatted(field.key()),
          LIST_OPERATORS);
    }
    if (value instanceof Term.Group && !field.key().equals("run_id")) {
      throw MillraceException.invalidParameter(
          "Only ['run_id'] attributes support comparison with a list of quoted string values.");
    }
    return text(
        field,
        operator,
        value,
        "Expected a quoted string value for attributes. Got value ",
        LIST_OPERATORS + "'");
  }

  private static Condition number(
      Field field, String operator, Term value, String expectation, String operators) {
    Term.Numeral numeral = numeral(value, expectation);
    Operator known = Operator.of(operator);
    if (known == null || !known.isNumeric()) {
      throw invalidComparator(operator, operators);
    }
    return new Condition.OfNumber(main(field), known, Literals.number(numeral));
  }

  private static Condition text(
      Field field, String operator, Term value, String expectation, String operators) {
    boolean takesLists = field.entity() == Entity.ATTRIBUTE || field.entity() == Entity.DATASET;
    if (takesLists && value instanceof Term.Group group) {
      List<String> values = Literals.texts(group);
      return switch (operator) {
        case "IN" -> new Condition.Membership(main(field), true, values);
        case "NOT IN" -> new Condition.Membership(main(field), false, values);
        default -> throw invalidComparator(operator, operators);
      };
    }
    String text = text(value, expectation);
    Operator known = Operator.of(operator);
    if (known == null || !known.isTextual()) {
      throw invalidComparator(operator, operators);
    }
    return new Condition.OfText(main(field), known, text);
  }

  private static Field main(Field field) {
    return field.entity() == Entity.ATTRIBUTE
        ? new Field(field.entity(), ALIASES.getOrDefault(field.key(), field.key()))
        : field;
  }

  private static String quoted(Field field) {
    return "Expected a quoted string value for %s (e.g. 'my-value'). Got value "
        .formatted(field.entity().text());
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> union = new HashSet<>(some);
    union.addAll(others);
    return Set.copyOf(union);
  }
}
