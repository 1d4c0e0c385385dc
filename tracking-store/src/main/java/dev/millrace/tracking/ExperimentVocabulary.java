package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Identifier;
import dev.millrace.platform.search.Literals;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.Term;
import dev.millrace.platform.search.Vocabulary;
import java.util.List;
import java.util.Set;

/**
 * What experiments are searched by: mlflow 3.17.2 {@code search_utils.py} ({@code
 * SearchExperimentsUtils}) and {@code sqlalchemy_store.py} ({@code
 * _get_search_experiments_filter_clauses}). Unlike in searches of runs, operators have to be in
 * capitals, and {@code attribute} has no other names.
 */
final class ExperimentVocabulary extends Vocabulary {

  private static final String ID = "experiment_id";
  private static final Set<String> NUMBERS = Set.of("creation_time", "last_update_time");
  private static final Set<String> ATTRIBUTES =
      Set.of("name", ID, "creation_time", "last_update_time");
  private static final String TEXT_OPERATORS =
      set(List.of("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"));

  @Override
  protected String enumerate(List<String> strays) {
    return String.join(", ", strays);
  }

  @Override
  protected Field field(String identifier) {
    Identifier parts = Identifier.of(identifier);
    Entity entity =
        switch (parts.entity()) {
          case null -> Entity.ATTRIBUTE;
          case "attribute" -> Entity.ATTRIBUTE;
          case "tag", "tags" -> Entity.TAG;
          default ->
              throw MillraceException.invalidParameter(
                  "Invalid entity type '%s'. Valid entity types are ('attribute', 'tag', 'tags')"
                      .formatted(parts.entity()));
        };
    if (entity == Entity.ATTRIBUTE && !ATTRIBUTES.contains(parts.key())) {
      throw MillraceException.invalidParameter(
          "Invalid attribute key '%s' specified. Valid keys are '%s'"
              .formatted(parts.key(), set(ATTRIBUTES)));
    }
    return new Field(entity, parts.key());
  }

  @Override
  protected Field orderField(String identifier) {
    Field field = field(identifier);
    if (field.entity() != Entity.ATTRIBUTE) {
      throw MillraceException.invalidParameter("Invalid order_by entity: " + field.entity().text());
    }
    return field;
  }

  @Override
  protected Condition comparison(Field field, String operator, Term value) {
    if (field.entity() == Entity.TAG) {
      String text =
          text(value, "Expected a quoted string value for tag (e.g. 'my-value'). Got value ");
      Operator known = Operator.of(operator);
      if (known == null || !known.isTextual()) {
        throw MillraceException.invalidParameter("Invalid comparator for tag: " + operator);
      }
      return new Condition.OfText(field, known, text);
    }
    if (NUMBERS.contains(field.key())) {
      return time(field, operator, value);
    }
    return field.key().equals(ID) ? id(field, operator, value) : name(field, operator, value);
  }

  @Override
  protected Condition presence(Field field, boolean isPresent) {
    if (field.entity() != Entity.TAG) {
      throw MillraceException.invalidParameter(
          "IS NULL / IS NOT NULL is only supported for tags, not for attribute '%s'"
              .formatted(field.key()));
    }
    return new Condition.Presence(field, isPresent);
  }

  private static Condition time(Field field, String operator, Term value) {
    Term.Numeral numeral =
        numeral(
            value,
            "Expected numeric value type for numeric attribute: %s. Found ".formatted(field.key()));
    Operator known = Operator.of(operator);
    if (known == null || !known.isNumeric()) {
      throw invalidComparator(operator, TEXT_OPERATORS);
    }
    if (!numeral.isWhole()) {
      throw MillraceException.invalidParameter(
          "Invalid value for numeric attribute '%s': '%s'"
              .formatted(field.key(), numeral.source()));
    }
    return new Condition.OfNumber(field, known, Literals.number(numeral));
  }

  private static Condition id(Field field, String operator, Term value) {
    boolean isList = value instanceof Term.Group;
    List<String> ids =
        value instanceof Term.Group group
            ? Literals.texts(group)
            : List.of(text(value, "Expected a quoted string value for attributes. Got value "));
    boolean isMember =
        switch (operator) {
          case "=", "IN" -> true;
          case "!=", "NOT IN" -> false;
          default -> throw invalidIdComparator(operator);
        };
    if (isList != operator.endsWith("IN")) {
      throw invalidIdComparator(operator);
    }
    ids.forEach(Experiments::parseId);
    return new Condition.Membership(field, isMember, ids);
  }

  private static MillraceException invalidIdComparator(String operator) {
    return MillraceException.invalidParameter("Invalid comparator for experiment_id: " + operator);
  }

  private static Condition name(Field field, String operator, Term value) {
    if (value instanceof Term.Group) {
      throw MillraceException.invalidParameter(
          "Only ['experiment_id'] attributes support comparison with a list of quoted string"
              + " values.");
    }
    String text = text(value, "Expected a quoted string value for attributes. Got value ");
    Operator known = Operator.of(operator);
    if (known == null || !known.isTextual()) {
      throw invalidComparator(operator, TEXT_OPERATORS + "'");
    }
    return new Condition.OfText(field, known, text);
  }
}
