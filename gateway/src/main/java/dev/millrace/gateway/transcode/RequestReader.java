package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.gateway.http.Query;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request message of one type from a JSON body or a query and checks its field rules, as
 * mlflow 3.17.2 {@code handlers.py} ({@code _get_request_message}) does:
 *
 * <ul>
 *   <li>a body that is not one JSON object (or one as a JSON string, from old clients) is an empty
 *       message;
 *   <li>fields that nobody knows are ignored;
 *   <li>errors are reported in the order of the fields in the .proto, whatever comes first in the
 *       request.
 * </ul>
 *
 * A value that does not fit its field is always an error that names it. MLflow reports it only for
 * some fields; for others it drops the value and all that follows it.
 */
final class RequestReader {

  /** Python gives up at about a thousand levels, with a stack overflow. */
  private static final int MOST_NESTED = 1000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MOST_NESTED)
                  // Python's limit for the digits of an integer.
                  .maxNumberLength(4300)
                  // The size of a body is limited before it comes here.
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Message prototype;
  private final MessageReader reader;
  private final Rules rules;

  RequestReader(Message prototype) {
    this.prototype = prototype;
    this.reader = MessageReader.of(prototype);
    this.rules = Rules.of(prototype);
  }

  /** What was found so far. */
  private final class Draft {
    final Message.Builder message = prototype.newBuilderForType();
    final Map<Integer, MillraceException> problems = new TreeMap<>();
    final Map<MessageReader.Field, Object> aliases =
        new TreeMap<>(Comparator.comparing(MessageReader.Field::index));
    long named;
    long camelCased;
    long given;

    /** The message, if it keeps the rules. */
    Message.Builder checked() {
      aliases.forEach(
          (field, value) -> {
            if (!message.hasField(field.descriptor())) {
              field.access().put(message, value);
            }
          });
      for (MessageReader.Field field : reader.fields()) {
        // MLflow looks for required fields by their name alone.
        if ((camelCased & field.bit()) != 0 && field.required()) {
          message.clearField(field.descriptor());
          given &= ~field.bit();
        }
      }
      for (MessageReader.Field field : reader.fields()) {
        // An empty list is a value; no list is none.
        if (field.descriptor().isRepeated() && field.required() && (given & field.bit()) == 0) {
          problems.put(field.index(), Rules.missing(field.name()));
        }
      }
      for (Map.Entry<Integer, MillraceException> problem : problems.entrySet()) {
        rules.check(message.buildPartial(), problem.getKey());
        throw problem.getValue();
      }
      rules.check(message.buildPartial());
      return message;
    }
  }

  /**
   * Reads a body.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first field that breaks a rule
   */
  Message.Builder fromBody(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      return read(parser, true).checked();
    } catch (IOException e) {
      return new Draft().checked();
    }
  }

  /**
   * Reads the parameters of a query.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first field that breaks a rule
   */
  Message.Builder fromQuery(Query query) {
    Draft draft = new Draft();
    for (MessageReader.Field field : reader.fields()) {
      FieldDescriptor descriptor = field.descriptor();
      List<String> values = query.all(descriptor.getName());
      if (values.isEmpty() && !field.alias().isEmpty()) {
        values = query.all(field.alias());
      }
      if (values.isEmpty() || field.scalar() == null) {
        continue;
      }
      draft.given |= field.bit();
      try {
        if (descriptor.isRepeated()) {
          MessageReader.addScalars(draft.message, field, values);
        } else if (descriptor.getType() == FieldDescriptor.Type.BOOL) {
          draft.message.setField(descriptor, flag(values.getFirst()));
        } else {
          MessageReader.setScalar(draft.message, field, values.getFirst());
        }
      } catch (Mismatch e) {
        draft.problems.put(field.index(), e.within(field.name()).asError());
      }
    }
    return draft.checked();
  }

  /**
   * Sets a variable of the path.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it does not fit
   */
  void setVariable(Message.Builder message, String name, String value) {
    MessageReader.Key key = reader.key(name);
    if (key == null) {
      throw new IllegalStateException(
          "%s has no field %s".formatted(prototype.getDescriptorForType().getFullName(), name));
    }
    try {
      MessageReader.setScalar(message, key.field(), value);
    } catch (Mismatch e) {
      throw e.within(name).asError();
    }
  }

  private Draft read(JsonParser parser, boolean mayBeEncodedTwice) throws IOException {
    try {
      JsonToken first = parser.nextToken();
      Draft draft = new Draft();
      String encoded = null;
      if (first == JsonToken.START_OBJECT) {
        readFields(parser, draft);
      } else if (first == JsonToken.VALUE_STRING && mayBeEncodedTwice) {
        encoded = parser.getText();
      } else {
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return new Draft();
      }
      if (encoded == null) {
        return draft;
      }
      try (JsonParser inner = JSON.createParser(encoded)) {
        return read(inner, false);
      }
    } catch (IOException e) {
      if (parser.getParsingContext().getNestingDepth() >= MOST_NESTED) {
        throw MillraceException.invalidParameter(
            "The JSON body is nested more than %d levels deep.".formatted(MOST_NESTED));
      }
      throw e;
    }
  }

  private void readFields(JsonParser parser, Draft draft) throws IOException {
    JsonStreamContext top = parser.getParsingContext();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      MessageReader.Key key = reader.key(parser.currentName());
      parser.nextToken();
      if (key == null) {
        parser.skipChildren();
        continue;
      }
      MessageReader.Field field = key.field();
      boolean again = ((draft.named | draft.camelCased) & field.bit()) != 0;
      try {
        switch (key.spelling()) {
          case NAME -> draft.named |= field.bit();
          case CAMEL_CASE -> draft.camelCased |= field.bit();
          case ALIAS -> {
            readAlias(parser, draft, field);
            continue;
          }
        }
        if ((draft.named & draft.camelCased) != 0) {
          throw MessageReader.spelledTwice(field);
        }
        if (isGiven(parser)) {
          draft.given |= field.bit();
        }
        MessageReader.readField(parser, draft.message, field, field.required(), again);
      } catch (Mismatch e) {
        String name = key.spelling() == MessageReader.Spelling.ALIAS ? field.alias() : "";
        draft.problems.putIfAbsent(field.index(), (name.isEmpty() ? e : e.within(name)).asError());
        skipTo(parser, top);
      }
    }
  }

  /** Whether a value counts for a required one: null and the empty string do not. */
  private static boolean isGiven(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> false;
      case VALUE_STRING -> !parser.getText().isEmpty();
      default -> true;
    };
  }

  private static void readAlias(JsonParser parser, Draft draft, MessageReader.Field field)
      throws IOException, Mismatch {
    Object value = JsonValue.read(parser);
    if (value == null || field.scalar() == null) {
      return;
    }
    @Nullable Object converted = field.scalar().read(value);
    if (converted != null) {
      draft.aliases.put(field, converted);
    }
  }

  /** Passes over the rest of a value that was given up in its midst. */
  private static void skipTo(JsonParser parser, JsonStreamContext top) throws IOException {
    while (parser.getParsingContext() != top) {
      if (parser.nextToken() == null) {
        return;
      }
    }
  }

  private static boolean flag(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw MillraceException.invalidParameter(
              "Invalid boolean value: %s, must be 'true' or 'false'.".formatted(value));
    };
  }
}
