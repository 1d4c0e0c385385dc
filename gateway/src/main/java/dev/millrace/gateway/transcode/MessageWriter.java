package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.check.Rules;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes messages of one type as MLflow's JSON: what is set is written, in the order of the .proto,
 * and empty lists are left out unless their field says otherwise.
 */
final class MessageWriter {

  private static final Map<Descriptor, MessageWriter> BY_TYPE = new ConcurrentHashMap<>();

  private final Field[] fields;

  private record Field(FieldDescriptor descriptor, String name, boolean emitEmpty) {}

  private MessageWriter(Descriptor type) {
    fields =
        type.getFields().stream()
            .map(f -> new Field(f, f.getName(), Rules.of(f).getEmitEmpty()))
            .toArray(Field[]::new);
  }

  static MessageWriter of(Descriptor type) {
    return BY_TYPE.computeIfAbsent(type, MessageWriter::new);
  }

  void write(Message message, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Field field : fields) {
      FieldDescriptor descriptor = field.descriptor;
      if (descriptor.isRepeated()) {
        int count = message.getRepeatedFieldCount(descriptor);
        if (count > 0 || field.emitEmpty) {
          json.writeFieldName(field.name);
          if (descriptor.isMapField()) {
            writeMap(message, descriptor, count, json);
          } else {
            writeList(message, descriptor, count, json);
          }
        }
      } else if (message.hasField(descriptor)) {
        json.writeFieldName(field.name);
        writeValue(descriptor, message.getField(descriptor), json);
      }
    }
    json.writeEndObject();
  }

  private static void writeList(
      Message message, FieldDescriptor field, int count, JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (int i = 0; i < count; i++) {
      writeValue(field, message.getRepeatedField(field, i), json);
    }
    json.writeEndArray();
  }

  private static void writeMap(
      Message message, FieldDescriptor field, int count, JsonGenerator json) throws IOException {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    json.writeStartObject();
    for (int i = 0; i < count; i++) {
      Message entry = (Message) message.getRepeatedField(field, i);
      json.writeFieldName(String.valueOf(entry.getField(key)));
      writeValue(value, entry.getField(value), json);
    }
    json.writeEndObject();
  }

  private static void writeValue(FieldDescriptor field, Object value, JsonGenerator json)
      throws IOException {
    switch (value) {
      case String text -> json.writeString(text);
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Double number -> writeDouble(number, json);
      case Boolean flag -> json.writeBoolean(flag);
      case EnumValueDescriptor constant -> json.writeString(constant.getName());
      case Message message -> of(message.getDescriptorForType()).write(message, json);
      default ->
          throw new IllegalStateException(
              "%s: the transcoder does not write %s yet"
                  .formatted(field.getFullName(), field.getType()));
    }
  }

  private static void writeDouble(double value, JsonGenerator json) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(PythonNumber.format(value));
    } else {
      json.writeString(Double.toString(value));
    }
  }
}
