package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.check.FieldAccess;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.FieldRule;
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
   * @param required whether the field's rule says that it must be there
   * @param alias another name for it, or empty
   * @param itemsRequire the bits of what each item of a list of messages must have
   */
  record Field(
      FieldDescriptor descriptor,
      FieldAccess access,
      int index,
      @Nullable Scalar scalar,
      boolean required,
      String alias,
      long itemsRequire) {

    static Field of(Message prototype, FieldDescriptor descriptor) {
      FieldRule rule = Rules.of(descriptor);
      boolean message = descriptor.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      long required = 0;
      for (String name : rule.getItemsRequireList()) {
        required |= 1L << descriptor.getMessageType().findFieldByName(name).getIndex();
      }
      return new Field(
          descriptor,
          new FieldAccess(prototype, descriptor),
          descriptor.getIndex(),
          message ? null : Scalar.of(descriptor),
          rule.getRequired(),
          rule.getAlias(),
          required);
    }

    String name() {
      return descriptor.getName();
    }

    long bit() {
      return 1L << index;
    }
  }

  private MessageReader(Message prototype) {
    Descriptor type = prototype.getDescriptorForType();
    if (type.getFields().size() > MOST_FIELDS) {
      throw new IllegalStateException(type.getFullName() + " has too many fields to read");
    }
    for (FieldDescriptor descriptor : type.getFields()) {
      Field field = Field.of(prototype, descriptor);
      fields.add(field);
      keys.put(descriptor.getJsonName(), new Key(field, Spelling.CAMEL_CASE));
      keys.put(descriptor.getName(), new Key(field, Spelling.NAME));
      if (!field.alias.isEmpty()) {
        keys.put(field.alias, new Key(field, Spelling.ALIAS));
      }
    }
  }

  /**
   * The reader of a message's type.
   *
   * @param prototype any message of it
   */
  static MessageReader of(Message prototype) {
    Descriptor type = prototype.getDescriptorForType();
    MessageReader known = BY_TYPE.get(type);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent, since a type may lead to others.
    MessageReader made = new MessageReader(prototype);
    BY_TYPE.put(type, made);
    for (Field field : made.fields) {
      if (field.scalar == null) {
        MessageReader _ = of(field.access.item());
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
      Field field = key.field;
      boolean again = ((named | camelCased) & field.bit()) != 0;
      if (key.spelling == Spelling.NAME) {
        named |= field.bit();
      } else {
        camelCased |= field.bit();
      }
      if ((named & camelCased) != 0) {
        throw spelledTwice(field);
      }
      readField(parser, message, field, (required & field.bit()) != 0, again);
    }
  }

  /**
   * Reads the value at the parser's current token into a field. The last one wins where a key is
   * there twice.
   *
   * @param required whether the field must be there; the empty string counts as not there then
   * @param again whether it was read before
   */
  static void readField(
      JsonParser parser, Message.Builder message, Field field, boolean required, boolean again)
      throws IOException, Mismatch {
    FieldDescriptor descriptor = field.descriptor;
    boolean absent =
        parser.currentToken() == JsonToken.VALUE_NULL || (required && isEmptyString(parser));
    if (again && (absent || descriptor.isRepeated())) {
      message.clearField(descriptor);
    }
    if (absent) {
      return;
    }
    try {
      if (descriptor.isMapField()) {
        readMap(parser, message, field);
      } else if (descriptor.isRepeated()) {
        readList(parser, message, field);
      } else if (field.scalar == null) {
        field.access.put(message, readMessage(parser, field));
      } else {
        readScalar(parser, message, field);
      }
    } catch (Mismatch e) {
      throw e.within(field.name());
    }
  }

  /** Reads the usual spellings of a number without boxing it, and others by the field's scalar. */
  private static void readScalar(JsonParser parser, Message.Builder message, Field field)
      throws IOException, Mismatch {
    FieldDescriptor.JavaType type = field.descriptor.getJavaType();
    JsonToken token = parser.currentToken();
    boolean whole =
        token == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (whole && type == FieldDescriptor.JavaType.LONG) {
      field.access.putLong(message, parser.getLongValue());
    } else if (whole && type == FieldDescriptor.JavaType.DOUBLE) {
      field.access.putDouble(message, (double) parser.getLongValue());
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT && type == FieldDescriptor.JavaType.DOUBLE) {
      field.access.putDouble(message, JsonValue.readDouble(parser));
    } else {
      setScalar(message, field, JsonValue.read(parser));
    }
  }

  static void setScalar(Message.Builder message, Field field, @Nullable Object value)
      throws Mismatch {
    if (value == null || field.scalar == null) {
      throw Mismatch.of(value);
    }
    Object converted = field.scalar.read(value);
    if (converted != null) {
      field.access.put(message, converted);
    }
  }

  /** Adds to a list of scalars; a mismatch shows the whole list, as MLflow does. */
  static void addScalars(Message.Builder message, Field field, List<?> values) throws Mismatch {
    Scalar scalar = field.scalar;
    for (Object value : values) {
      try {
        Object converted = value == null || scalar == null ? null : scalar.read(value);
        if (converted != null) {
          field.access.put(message, converted);
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
      addScalars(message, field, JsonValue.readList(parser));
      return;
    }
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      try {
        field.access.put(message, readMessage(parser, field));
      } catch (Mismatch e) {
        throw e.within("[" + i + "]");
      }
    }
  }

  private static Message readMessage(JsonParser parser, Field field) throws IOException, Mismatch {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw Mismatch.of(JsonValue.read(parser));
    }
    Message prototype = field.access.item();
    Message.Builder inner = prototype.newBuilderForType();
    of(prototype).read(parser, inner, field.itemsRequire);
    return inner.build();
  }

  private static void readMap(JsonParser parser, Message.Builder message, Field field)
      throws IOException, Mismatch {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw Mismatch.of(JsonValue.read(parser));
    }
    List<Field> entry = of(field.access.item()).fields;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Message.Builder pair = message.newBuilderForField(field.descriptor);
      setEntry(pair, entry.get(0), parser.currentName());
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        try {
          setEntry(pair, entry.get(1), JsonValue.read(parser));
        } catch (Mismatch e) {
          throw e.within(entry.get(1).name());
        }
      }
      message.addRepeatedField(field.descriptor, pair.build());
    }
  }

  /** Sets the key or value of a map's entry, which is of no generated class. */
  private static void setEntry(Message.Builder entry, Field field, @Nullable Object value)
      throws Mismatch {
    if (value == null || field.scalar == null) {
      throw Mismatch.of(value);
    }
    Object converted = field.scalar.read(value);
    if (converted != null) {
      entry.setField(field.descriptor, converted);
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
