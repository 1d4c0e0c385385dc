package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Term;
import java.util.List;
import java.util.Set;

/** What registered models are searched by: their names and tags. */
final class RegisteredModelVocabulary extends RegistryVocabulary {

  static final String NAME = "name";

  /** The one time that models are ordered by, which goes by two names. */
  static final String UPDATED = "last_updated_timestamp";

  RegisteredModelVocabulary() {
    super(Set.of(NAME));
  }

  @Override
  protected Field orderField(String identifier) {
    return switch (identifier) {
      case NAME -> new Field(Entity.ATTRIBUTE, NAME);
      case UPDATED, "timestamp" -> new Field(Entity.ATTRIBUTE, UPDATED);
      default ->
          throw MillraceException.invalidParameter(
              "Invalid order by key '%s' specified. Valid keys are '%s'"
                  .formatted(identifier, set(List.of(NAME, "timestamp"))));
    };
  }

  @Override
  Condition attribute(Field field, String operator, Term value) {
    return textAttribute(field, operator, value);
  }
}
