package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Literals;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.OrderBy;
import dev.millrace.platform.search.Term;
import dev.millrace.platform.search.Vocabulary;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What searches of the registry share: mlflow 3.17.2 {@code search_utils.py} ({@code
 * SearchModelUtils}, {@code SearchModelVersionUtils}) and {@code sqlalchemy_store.py}. {@code
 * attribute} has no other names, and the names of attributes are never quoted.
 */
abstract class RegistryVocabulary extends Vocabulary {

  private final Set<String> attributes;

  RegistryVocabulary(Set<String> attributes) {
    this.attributes = attributes;
  }

  /**
   * The order that {@code clauses} ask for, each field once.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if one of them is no order of this noun
   */
  final List<OrderBy> distinctOrders(List<String> clauses) {
    List<OrderBy> orders = orders(clauses);
    if (orders.stream().map(OrderBy::field).distinct().count() < orders.size()) {
      throw MillraceException.invalidParameter(
          "`order_by` contains duplicate fields: " + PythonText.of(clauses));
    }
    return orders;
  }

  @Override
  protected final String enumerate(List<String> strays) {
    return String.join(", ", strays);
  }

  @Override
  protected final Field field(String identifier) {
    Entity entity = entity(identifier);
    String key = identifier.substring(identifier.indexOf('.') + 1);
    if (entity == Entity.ATTRIBUTE) {
      checkAttribute(key, attributes);
    }
    return new Field(entity, unquoted(key));
  }

  @Override
  protected final Condition comparison(Field field, String operator, Term value) {
    String word = operator.toUpperCase(Locale.ROOT);
    if (field.entity() == Entity.ATTRIBUTE) {
      return attribute(field, word, value);
    }
    String text =
        text(value, "Expected a quoted string value for tag (e.g. 'my-value'). Got value ");
    return ofText(field, word, text);
  }

  @Override
  protected final Condition presence(Field field, boolean isPresent) {
    throw MillraceException.invalidParameter(
        "Invalid filter: IS NULL / IS NOT NULL is not supported, not even for '%s' '%s'"
            .formatted(field.entity().text(), field.key()));
  }

  /**
   * The condition that an attribute is compared with {@code value}.
   *
   * @param operator in capitals
   * @throws MillraceException INVALID_PARAMETER_VALUE if it cannot be compared so
   */
  abstract Condition attribute(Field field, String operator, Term value);

  /** The condition that an attribute is compared with a text, or a list of texts. */
  static Condition textAttribute(Field field, String operator, Term value) {
    if (value instanceof Term.Group group) {
      List<String> texts = Literals.texts(group);
      return switch (operator) {
        case "IN" -> new Condition.Membership(field, true, texts);
        case "NOT IN" -> new Condition.Membership(field, false, texts);
        default -> throw invalidComparator(operator, field.entity());
      };
    }
    return ofText(field, operator, attributeText(value));
  }

  /** The text that an attribute is compared with. */
  static String attributeText(Term value) {
    return text(
        value,
        "Expected a quoted string value or a list of quoted string values for attributes."
            + " Got value ");
  }

  /** What an identifier is about, by what stands before its first dot. */
  static Entity entity(String identifier) {
    int dot = identifier.indexOf('.');
    String entity = dot < 0 ? "attribute" : identifier.substring(0, dot);
    return switch (entity) {
      case "attribute" -> Entity.ATTRIBUTE;
      case "tag", "tags" -> Entity.TAG;
      default ->
          throw MillraceException.invalidParameter(
              "Invalid entity type '%s'. Valid entity types are ('attribute', 'tag', 'tags')"
                  .formatted(entity));
    };
  }

  static void checkAttribute(String key, Set<String> valid) {
    if (!valid.contains(key)) {
      throw MillraceException.invalidParameter(
          "Invalid attribute key '%s' specified. Valid keys are '%s'".formatted(key, set(valid)));
    }
  }

  static String unquoted(String key) {
    return Literals.withoutBackticks(Literals.withoutQuotes(key));
  }

  private static Condition ofText(Field field, String operator, String text) {
    Operator known = Operator.of(operator);
    if (known == null || !known.isTextual()) {
      throw invalidComparator(operator, field.entity());
    }
    return new Condition.OfText(field, known, text);
  }

  private static MillraceException invalidComparator(String operator, Entity entity) {
    return MillraceException.invalidParameter(
        "Invalid comparator for %s: %s".formatted(entity.text(), operator));
  }
}
