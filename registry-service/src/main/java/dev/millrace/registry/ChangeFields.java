package dev.millrace.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The column {@code registry_changes.fields}: a JSON list of [field, old value, new value]. */
final class ChangeFields {

  private static final JsonFactory JSON = new JsonFactory();

  private ChangeFields() {}

  static String write(List<ChangeRow.FieldRow> fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartArray();
      for (ChangeRow.FieldRow field : fields) {
        out.writeStartArray();
        out.writeString(field.field());
        out.writeString(field.oldValue());
        out.writeString(field.newValue());
        out.writeEndArray();
      }
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  static List<ChangeRow.FieldRow> read(String text) {
    List<ChangeRow.FieldRow> fields = new ArrayList<>();
    try (JsonParser in = JSON.createParser(text)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.START_ARRAY) {
        in.nextToken();
        String field = in.getText();
        in.nextToken();
        String oldValue = in.getValueAsString();
        in.nextToken();
        String newValue = in.getValueAsString();
        in.nextToken();
        fields.add(new ChangeRow.FieldRow(field, oldValue, newValue));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Not a list of fields", e);
    }
    return fields;
  }
}
