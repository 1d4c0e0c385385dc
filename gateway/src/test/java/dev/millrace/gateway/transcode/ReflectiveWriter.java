package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.check.Rules;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What {@link MessageWriter} writes, by protobuf's reflection and Jackson: slow, and independent of
 * it but for the spelling of numbers. Tests compare the two, measurements too.
 */
final class ReflectiveWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private ReflectiveWriter() {}

  static void write(Message message, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(message, json);
    }
  }

  private static void write(Message message, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        int count = message.getRepeatedFieldCount(field);
        if (count > 0 || Rules.of(field).getEmitEmpty()) {
          json.writeFieldName(field.getName());
          writeItems(message, field, count, json);
        }
      } else if (message.hasField(field)) {
        json.writeFieldName(field.getName());
        writeValue(message.getField(field), json);
      }
    }
    json.writeEndObject();
  }

  private static void writeItems(
      Message message, FieldDescriptor field, int count, JsonGenerator json) throws IOException {
    if (!field.isMapField()) {
      json.writeStartArray();
      for (int i = 0; i < count; i++) {
        writeValue(message.getRepeatedField(field, i), json);
      }
      json.writeEndArray();
      return;
    }
    json.writeStartObject();
    for (int i = 0; i < count; i++) {
      Message entry = (Message) message.getRepeatedField(field, i);
      json.writeFieldName(
          String.valueOf(entry.getField(field.getMessageType().findFieldByNumber(1))));
      writeValue(entry.getField(field.getMessageType().findFieldByNumber(2)), json);
    }
    json.writeEndObject();
  }

  private static void writeValue(Object value, JsonGenerator json) throws IOException {
    switch (value) {
      case String text -> json.writeString(text);
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Double number when Double.isFinite(number) ->
          json.writeNumber(PythonNumber.format(number));
      case Double number -> json.writeString(Double.toString(number));
      case Boolean flag -> json.writeBoolean(flag);
      case EnumValueDescriptor constant -> json.writeString(constant.getName());
      case Message inner -> write(inner, json);
      default -> throw new IllegalStateException("No JSON for " + value.getClass());
    }
  }
}
