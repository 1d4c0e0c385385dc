package dev.millrace.platform.check;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.FieldRule;
import dev.millrace.proto.OptionsProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The field rules of one message type, read once from its descriptor. Messages of errors are those
 * of mlflow 3.17.2 {@code handlers.py} ({@code _validate_param_against_schema}).
 */
public final class Rules {

  private static final String HINT =
      " See the API docs for more information about request parameters.";
  private static final Map<Descriptor, Rules> BY_TYPE = new ConcurrentHashMap<>();

  private final List<Required> required = new ArrayList<>();
  private final List<Most> most = new ArrayList<>();
  private final List<Items> items = new ArrayList<>();

  private record Required(FieldDescriptor field) {}

  private record Most(FieldDescriptor field, long max) {}

  private record Items(FieldDescriptor field, List<FieldDescriptor> required) {}

  private Rules(Descriptor type) {
    for (FieldDescriptor field : type.getFields()) {
      FieldRule rule = of(field);
      if (rule.getRequired()) {
        required.add(new Required(field));
      }
      if (rule.hasMax()) {
        most.add(new Most(field, rule.getMax()));
      }
      if (rule.getItemsRequireCount() > 0) {
        Descriptor item = field.getMessageType();
        items.add(
            new Items(
                field,
                rule.getItemsRequireList().stream().map(name -> fieldOf(item, name)).toList()));
      }
    }
  }

  /** The rule that {@code field} declares; the default instance if none. */
  public static FieldRule of(FieldDescriptor field) {
    return field.getOptions().getExtension(OptionsProto.rule);
  }

  /** The rules of a message type. */
  public static Rules of(Descriptor type) {
    return BY_TYPE.computeIfAbsent(type, Rules::new);
  }

  /**
   * Checks that what is required is there, and that no number is too high. A list may be empty; who
   * reads JSON, where a list can also be absent, has to see to that.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that breaks a rule
   */
  public void check(Message message) {
    check(message, Integer.MAX_VALUE);
  }

  /**
   * Checks the fields in front of one, in the order of the type.
   *
   * @param before the index of the first field that is not checked
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that breaks a rule
   */
  public void check(Message message, int before) {
    for (Required rule : required) {
      if (rule.field.getIndex() < before && isMissing(message, rule.field)) {
        throw missing(rule.field.getName());
      }
    }
    for (Most rule : most) {
      if (rule.field.getIndex() < before
          && message.hasField(rule.field)
          && ((Number) message.getField(rule.field)).longValue() > rule.max) {
        throw invalid(rule.field.getName(), String.valueOf(message.getField(rule.field)), "int");
      }
    }
    for (Items rule : items) {
      if (rule.field.getIndex() >= before) {
        continue;
      }
      int count = message.getRepeatedFieldCount(rule.field);
      for (int i = 0; i < count; i++) {
        Message item = (Message) message.getRepeatedField(rule.field, i);
        for (FieldDescriptor field : rule.required) {
          if (isMissing(item, field)) {
            throw missing("%s[%d].%s".formatted(rule.field.getName(), i, field.getName()));
          }
        }
      }
    }
  }

  /** The error for a required parameter that is absent, null or empty. */
  public static MillraceException missing(String parameter) {
    return MillraceException.invalidParameter(
        "Missing value for required parameter '%s'.%s".formatted(parameter, HINT));
  }

  /**
   * The error for a value of the wrong type or range.
   *
   * @param value the value as MLflow would show it
   * @param type the name of its type as MLflow would show it, or null for no hint
   */
  public static MillraceException invalid(String parameter, String value, @Nullable String type) {
    String hint = type == null ? "" : "  Hint: Value was of type '%s'.".formatted(type);
    return MillraceException.invalidParameter(
        "Invalid value %s for parameter '%s' supplied:%s%s"
            .formatted(value, parameter, hint, HINT));
  }

  private static boolean isMissing(Message message, FieldDescriptor field) {
    if (field.isRepeated()) {
      return false;
    }
    return !message.hasField(field)
        || (field.getJavaType() == FieldDescriptor.JavaType.STRING
            && ((String) message.getField(field)).isEmpty());
  }

  private static FieldDescriptor fieldOf(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field == null) {
      throw new IllegalStateException("%s has no field %s".formatted(type.getFullName(), name));
    }
    return field;
  }
}
