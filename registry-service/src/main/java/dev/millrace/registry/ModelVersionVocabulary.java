package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Literals;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.Term;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Set;

/** What model versions are searched by. */
final class ModelVersionVocabulary extends RegistryVocabulary {

  static final String NAME = "name";
  static final String VERSION = "version_number";
  static final String RUN = "run_id";
  static final String SOURCE = "source_path";
  static final String CREATED = "creation_timestamp";
  static final String UPDATED = "last_updated_timestamp";

  private static final Set<String> ORDERED = Set.of(NAME, VERSION, CREATED, UPDATED);
  private static final String NUMBERS = set(List.of(VERSION, CREATED, UPDATED));

  ModelVersionVocabulary() {
    super(Set.of(NAME, VERSION, RUN, SOURCE));
  }

  /** As in MLflow, it is the key alone that decides: {@code tags.name} is the name. */
  @Override
  protected Field orderField(String identifier) {
    Entity entity = entity(identifier);
    String key = unquoted(identifier.substring(identifier.indexOf('.') + 1));
    if (entity == Entity.ATTRIBUTE) {
      checkAttribute(key, ORDERED);
    }
    if (!ORDERED.contains(key)) {
      throw MillraceException.invalidParameter(
          "Invalid order by key '%s' specified. Valid keys are %s".formatted(key, set(ORDERED)));
    }
    return new Field(Entity.ATTRIBUTE, key);
  }

  @Override
  Condition attribute(Field field, String operator, Term value) {
    boolean isNumber = field.key().equals(VERSION);
    if (value instanceof Term.Group && (isNumber || field.key().equals(SOURCE))) {
      throw MillraceException.invalidParameter(
          "Only ['name', 'run_id'] attributes support comparison with a list of quoted string"
              + " values.");
    }
    if (value instanceof Term.Numeral && !isNumber) {
      throw MillraceException.invalidParameter(
          "Only the '%s' attributes support comparison with numeric values.".formatted(NUMBERS));
    }
    return isNumber ? number(field, operator, value) : textAttribute(field, operator, value);
  }

  private static Condition number(Field field, String operator, Term value) {
    String text = value instanceof Term.Numeral ? "" : attributeText(value);
    Operator known = Operator.of(operator);
    if (known == null || !known.isNumeric()) {
      throw MillraceException.invalidParameter(
          "Invalid comparator for attribute %s: %s".formatted(field.key(), operator));
    }
    if (!(value instanceof Term.Numeral numeral)) {
      return new Condition.OfNumber(field, known, integer(field, text));
    }
    if (!numeral.isWhole()) {
      throw invalid(field, Double.parseDouble(numeral.source()));
    }
    return new Condition.OfNumber(field, known, Literals.number(numeral));
  }

  private static BigDecimal integer(Field field, String text) {
    BigInteger integer = Names.integer(text);
    if (integer == null) {
      throw invalid(field, text);
    }
    return new BigDecimal(integer);
  }

  private static MillraceException invalid(Field field, Object value) {
    return MillraceException.invalidParameter(
        "Invalid value for numeric attribute '%s': %s"
            .formatted(field.key(), PythonText.of(value)));
  }
}
