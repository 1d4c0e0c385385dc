package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads the JSON object of one message type, by a plan made once from its descriptor. */
final class MessageReader {

  private static final Map<Descriptor, MessageReader> BY_TYPE = new ConcurrentHashMap<>();
  private static final int MOST_FIELDS = Long.SIZE;

  private final List<Field> fields = new ArrayList<>();
  private final Map<String, Key> keys = new HashMap<>();

  /** How a key spells its field. */
  enum Spelling {
    NAME,
    CAMEL_CASE,
    ALIAS
  }

  record Key(Field field, Spelling spelling) {}

  /**
   * A field and how it is read: by {@code scalar}, or as a message.
   *
   * @param index its place in the message type
   * @param itemsRequire the bits of what each item of a list of messages must have
   */
  record Field(FieldDescriptor descriptor, int index, @Nullable Scalar scalar, long itemsRequire) {

    static Field of(FieldDescriptor descriptor) {
      boolean message = descriptor.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      long required = 0;
      for (String name : Rules.of(descriptor).getItemsRequireList()) {
        required |= 1L << descriptor.getMessageType().findFieldByName(name).getIndex();
      }
      return new Field(
          descriptor, descriptor.getIndex(), message ? null : Scalar.of(descriptor), required);
    }

    String name() {
      return descriptor.getName();
    }

    long bit() {
      return 1L << index;
    }
  }

  private MessageReader(Descriptor type) {
    if (type.getFields().size() > MOST_FIELDS) {
      throw new IllegalStateException(type.getFullName() + " has too many fields to read");
    }
    for (FieldDescriptor descriptor : type.getFields()) {
      Field field = Field.of(descriptor);
      fields.add(field);
      keys.put(descriptor.getJsonName(), new Key(field, Spelling.CAMEL_CASE));
      keys.put(descriptor.getName(), new Key(field, Spelling.NAME));
      String alias = Rules.of(descriptor).getAlias();
      if (!alias.isEmpty()) {
        keys.put(alias, new Key(field, Spelling.ALIAS));
      }
    }
  }

  static MessageReader of(Descriptor type) {
    MessageReader known = BY_TYPE.get(type);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent, since a type may lead to others.
    MessageReader made = new MessageReader(type);
    BY_TYPE.put(type, made);
    for (Field field : made.fields) {
      if (field.scalar == null) {
        MessageReader _ = of(field.descriptor.getMessageType());
      }
    }
    return made;
  }

  /** In the order of the .proto. */
  List<Field> fields() {
    return fields;
  }

  @Nullable Key key(String name) {
    return keys.get(name);
  }

  /**
   * Reads an object whose start is the parser's current token.
   *
   * @param required the bits of the fields that must be there
   */
  void read(JsonParser parser, Message.Builder message, long required)
      throws IOException, Mismatch {
    long named = 0;
    long camelCased = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Key key = keys.get(parser.currentName());
      parser.nextToken();
      if (key == null || key.spelling == Spelling.ALIAS) {
        parser.skipChildren();
        continue;
      }
      if (key.spelling == Spelling.NAME) {
        named |= key.field.bit();
      } else {
        camelCased |= key.field.bit();
      }
      if ((named & camelCased) != 0) {
        throw spelledTwice(key.field);
      }
      readField(parser, message, key.field, (required & key.field.bit()) != 0);
    }
  }

  /**
   * Reads the value at the parser's current token into a field. The last one wins where a key is
   * there twice.
   *
   * @param required whether the field must be there; the empty string counts as not there then
   */
  static void readField(JsonParser parser, Message.Builder message, Field field, boolean required)
      throws IOException, Mismatch {
    FieldDescriptor descriptor = field.descriptor;
    if (parser.currentToken() == JsonToken.VALUE_NULL || (required && isEmptyString(parser))) {
      message.clearField(descriptor);
      return;
    }
    try {
      if (descriptor.isMapField()) {
        readMap(parser, message, descriptor);
      } else if (descriptor.isRepeated()) {
        readList(parser, message, field);
      } else if (field.scalar == null) {
        message.setField(descriptor, readMessage(parser, message, field));
      } else {
        setScalar(message, field, JsonValue.read(parser));
      }
    } catch (Mismatch e) {
      throw e.within(field.name());
    }
  }

  static void setScalar(Message.Builder message, Field field, @Nullable Object value)
      throws Mismatch {
    if (value == null || field.scalar == null) {
      throw Mismatch.of(value);
    }
    Object converted = field.scalar.read(value);
    if (converted != null) {
      message.setField(field.descriptor, converted);
    }
  }

  /** Sets a list of scalars; a mismatch shows the whole list, as MLflow does. */
  static void setScalars(Message.Builder message, Field field, List<?> values) throws Mismatch {
    message.clearField(field.descriptor);
    Scalar scalar = field.scalar;
    for (Object value : values) {
      try {
        Object converted = value == null || scalar == null ? null : scalar.read(value);
        if (converted != null) {
          message.addRepeatedField(field.descriptor, converted);
        } else if (value == null) {
          throw Mismatch.of(values);
        }
      } catch (Mismatch e) {
        throw Mismatch.of(values);
      }
    }
  }

  private static void readList(JsonParser parser, Message.Builder message, Field field)
      throws IOException, Mismatch {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw Mismatch.of(JsonValue.read(parser));
    }
    if (field.scalar != null) {
      setScalars(message, field, JsonValue.readList(parser));
      return;
    }
    message.clearField(field.descriptor);
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      try {
        message.addRepeatedField(field.descriptor, readMessage(parser, message, field));
      } catch (Mismatch e) {
        throw e.within("[" + i + "]");
      }
    }
  }

  private static Message readMessage(JsonParser parser, Message.Builder message, Field field)
      throws IOException, Mismatch {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw Mismatch.of(JsonValue.read(parser));
    }
    Message.Builder inner = message.newBuilderForField(field.descriptor);
    of(field.descriptor.getMessageType()).read(parser, inner, field.itemsRequire);
    return inner.build();
  }

  private static void readMap(JsonParser parser, Message.Builder message, FieldDescriptor field)
      throws IOException, Mismatch {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw Mismatch.of(JsonValue.read(parser));
    }
    message.clearField(field);
    List<Field> entry = of(field.getMessageType()).fields;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Message.Builder pair = message.newBuilderForField(field);
      setScalar(pair, entry.get(0), parser.currentName());
      parser.nextToken();
      readField(parser, pair, entry.get(1), false);
      message.addRepeatedField(field, pair.build());
    }
  }

  private static boolean isEmptyString(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING && parser.getTextLength() == 0;
  }

  static MillraceException spelledTwice(Field field) {
    return MillraceException.invalidParameter(
        "Request specifies both '%s' and '%s'; provide only one of them."
            .formatted(field.name(), field.descriptor.getJsonName()));
  }
}
