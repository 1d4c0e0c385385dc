package dev.millrace.gateway.transcode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.ProtocolMessageEnum;
import dev.millrace.platform.check.FieldAccess;
import dev.millrace.platform.check.Rules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages of one type as MLflow's JSON: what is set is written, in the order of the .proto,
 * and empty lists are left out unless their field says otherwise.
 */
final class MessageWriter {

  private static final Map<Descriptor, MessageWriter> BY_TYPE = new ConcurrentHashMap<>();

  private final Field[] fields;

  /** A field, its name in JSON with a comma before and a colon after, and what it holds. */
  private static final class Field {

    final FieldDescriptor descriptor;
    final FieldAccess access;
    final byte[] name;
    final JavaType type;
    final boolean list;
    final boolean map;
    final boolean emitEmpty;

    // Made when needed: a type may lead to itself.
    private @Nullable MessageWriter items;

    Field(Message prototype, FieldDescriptor descriptor) {
      this.descriptor = descriptor;
      this.access = new FieldAccess(prototype, descriptor);
      this.name = (",\"" + descriptor.getName() + "\":").getBytes(StandardCharsets.UTF_8);
      this.map = descriptor.isMapField();
      this.list = descriptor.isRepeated() && !map;
      this.type =
          (map ? descriptor.getMessageType().findFieldByNumber(2) : descriptor).getJavaType();
      this.emitEmpty = Rules.of(descriptor).getEmitEmpty();
      switch (type) {
        case FLOAT, BYTE_STRING ->
            throw new IllegalStateException(
                "%s: the transcoder does not write %s yet"
                    .formatted(descriptor.getFullName(), descriptor.getType()));
        case INT, LONG, DOUBLE, BOOLEAN, STRING, ENUM, MESSAGE -> {}
      }
    }

    MessageWriter items() {
      MessageWriter known = items;
      if (known == null) {
        items = known = of(access.item());
      }
      return known;
    }
  }

  private MessageWriter(Message prototype) {
    fields =
        prototype.getDescriptorForType().getFields().stream()
            .map(field -> new Field(prototype, field))
            .toArray(Field[]::new);
  }

  /**
   * The writer of a message's type.
   *
   * @param prototype any message of it
   */
  static MessageWriter of(Message prototype) {
    return BY_TYPE.computeIfAbsent(
        prototype.getDescriptorForType(), _ -> new MessageWriter(prototype));
  }

  void write(Message message, JsonOutput json) throws IOException {
    json.raw('{');
    write(message, 0, 1, json);
    json.raw('}');
  }

  /**
   * Writes an answer that comes in parts as the one message that they make: its first field is a
   * list, which all of them go on with; the other fields are in the last.
   */
  void write(PartialAnswer parts, JsonOutput json) throws IOException {
    Field list = fields[0];
    json.raw('{');
    int comma = 1;
    Message part = parts.read();
    Message last = part;
    while (part != null) {
      for (Object item : list.access.getList(part)) {
        if (comma == 1) {
          json.raw(list.name, comma);
          json.raw('[');
          comma = 0;
        } else {
          json.raw(',');
        }
        list.items().write((Message) item, json);
      }
      last = part;
      part = parts.read();
    }
    if (comma == 1 && list.emitEmpty) {
      json.raw(list.name, comma);
      json.raw('[');
      comma = 0;
    }
    if (comma == 0) {
      json.raw(']');
    }
    if (last != null) {
      write(last, 1, comma, json);
    }
    json.raw('}');
  }

  /** Whether the type is one that can come in parts. */
  boolean isPartial() {
    return fields.length > 0 && fields[0].list && fields[0].type == JavaType.MESSAGE;
  }

  /**
   * Writes fields.
   *
   * @param first the number of the first of them
   * @param commaless 1 if none is before them, else 0
   */
  private void write(Message message, int first, int commaless, JsonOutput json)
      throws IOException {
    int comma = commaless;
    for (int i = first; i < fields.length; i++) {
      Field field = fields[i];
      if (field.list) {
        List<?> items = field.access.getList(message);
        if (!items.isEmpty() || field.emitEmpty) {
          json.raw(field.name, comma);
          comma = 0;
          writeList(field, items, json);
        }
      } else if (field.map) {
        Map<?, ?> entries = field.access.getMap(message);
        if (!entries.isEmpty() || field.emitEmpty) {
          json.raw(field.name, comma);
          comma = 0;
          writeMap(entries, json);
        }
      } else if (field.access.isSet(message)) {
        json.raw(field.name, comma);
        comma = 0;
        writeField(field, message, json);
      }
    }
  }

  private static void writeField(Field field, Message message, JsonOutput json) throws IOException {
    FieldAccess access = field.access;
    switch (field.type) {
      case STRING -> json.text((String) access.get(message));
      case LONG -> json.number(access.getLong(message));
      case INT -> json.number(access.getInt(message));
      case DOUBLE -> json.number(access.getDouble(message));
      case BOOLEAN -> json.flag(access.getBoolean(message));
      case ENUM ->
          json.text(
              field
                  .descriptor
                  .getEnumType()
                  .findValueByNumberCreatingIfUnknown(access.getInt(message))
                  .getName());
      default -> field.items().write((Message) access.get(message), json);
    }
  }

  private static void writeList(Field field, List<?> items, JsonOutput json) throws IOException {
    json.raw('[');
    int count = items.size();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        json.raw(',');
      }
      if (field.type == JavaType.MESSAGE) {
        field.items().write((Message) items.get(i), json);
      } else {
        writeScalar(items.get(i), json);
      }
    }
    json.raw(']');
  }

  private static void writeMap(Map<?, ?> entries, JsonOutput json) throws IOException {
    json.raw('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      if (!first) {
        json.raw(',');
      }
      first = false;
      json.text(String.valueOf(entry.getKey()));
      json.raw(':');
      if (entry.getValue() instanceof Message message) {
        of(message).write(message, json);
      } else {
        writeScalar(entry.getValue(), json);
      }
    }
    json.raw('}');
  }

  private static void writeScalar(Object value, JsonOutput json) throws IOException {
    switch (value) {
      case String text -> json.text(text);
      case Long number -> json.number(number);
      case Integer number -> json.number((long) number);
      case Double number -> json.number(number);
      case Boolean flag -> json.flag(flag);
      case ProtocolMessageEnum constant -> json.text(constant.getValueDescriptor().getName());
      default -> throw new IllegalStateException("No scalar: " + value.getClass());
    }
  }
}
