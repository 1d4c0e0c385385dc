package dev.millrace.projects;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Parameters in a column: a JSON object of strings, in the user's order. */
final class ParameterList {

  private static final JsonFactory JSON = new JsonFactory();

  private ParameterList() {}

  static String write(Map<String, String> parameters) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      for (Map.Entry<String, String> parameter : parameters.entrySet()) {
        out.writeStringField(parameter.getKey(), parameter.getValue());
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  static Map<String, String> read(String json) {
    Map<String, String> parameters = new LinkedHashMap<>();
    try (JsonParser in = JSON.createParser(json)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        parameters.put(name, in.nextTextValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return parameters;
  }
}
