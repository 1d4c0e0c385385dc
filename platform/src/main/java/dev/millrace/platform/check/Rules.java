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

  private record Required(FieldDescriptor field, FieldAccess access) {

    static Required of(Message prototype, FieldDescriptor field) {
      return new Required(field, new FieldAccess(prototype, field));
    }

    boolean isMissingIn(Message message) {
      if (field.isRepeated()) {
        return false;
      }
      return !access.isSet(message)
          || (field.getJavaType() == FieldDescriptor.JavaType.STRING
              && ((String) access.get(message)).isEmpty());
    }
  }

  private record Most(FieldDescriptor field, long max) {}

  private record Items(FieldDescriptor field, FieldAccess access, List<Required> required) {

    static Items of(Message prototype, FieldDescriptor field, List<String> names) {
      FieldAccess access = new FieldAccess(prototype, field);
      Message item = access.item();
      return new Items(
          field,
          access,
          names.stream()
              .map(name -> Required.of(item, fieldOf(item.getDescriptorForType(), name)))
              .toList());
    }
  }

  private Rules(Message prototype) {
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      FieldRule rule = of(field);
      if (rule.getRequired()) {
        required.add(Required.of(prototype, field));
      }
      if (rule.hasMax()) {
        most.add(new Most(field, rule.getMax()));
      }
      if (rule.getItemsRequireCount() > 0) {
        items.add(Items.of(prototype, field, rule.getItemsRequireList()));
      }
    }
  }

  /** The rule that {@code field} declares; the default instance if none. */
  public static FieldRule of(FieldDescriptor field) {
    return field.getOptions().getExtension(OptionsProto.rule);
  }

  /**
   * The rules of a message's type.
   *
   * @param message any message of that type, of its generated class
   */
  public static Rules of(Message message) {
    return BY_TYPE.computeIfAbsent(message.getDescriptorForType(), _ -> new Rules(message));
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
      if (rule.field.getIndex() < before && rule.isMissingIn(message)) {
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
      List<?> list = rule.access.getList(message);
      for (int i = 0; i < list.size(); i++) {
        Message item = (Message) list.get(i);
        for (Required each : rule.required) {
          if (each.isMissingIn(item)) {
            throw missing("%s[%d].%s".formatted(rule.field.getName(), i, each.field.getName()));
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

  private static FieldDescriptor fieldOf(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field == null) {
      throw new IllegalStateException("%s has no field %s".formatted(type.getFullName(), name));
    }
    return field;
  }
}
