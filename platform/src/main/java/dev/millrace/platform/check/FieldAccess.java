package dev.millrace.platform.check;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A field of a generated message class, read and set by the methods that protoc wrote for it: what
 * {@code Message.getField} and {@code Builder.setField} do, without their reflection and boxing.
 *
 * <p>Each method is linked when it is first used, since most fields of most messages never are. May
 * be used by many threads.
 *
 * @see <a href="https://protobuf.dev/reference/java/java-generated/">the names of the methods</a>
 */
public final class FieldAccess {

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final String GET = "in";
  private static final String PUT = "put";

  @FunctionalInterface
  private interface Flag {
    boolean in(Message message);
  }

  @FunctionalInterface
  private interface Reference {
    Object in(Message message);
  }

  @FunctionalInterface
  private interface Int32 {
    int in(Message message);
  }

  @FunctionalInterface
  private interface Int64 {
    long in(Message message);
  }

  @FunctionalInterface
  private interface Real {
    double in(Message message);
  }

  @FunctionalInterface
  private interface PutReference {
    void put(Message.Builder message, Object value);
  }

  @FunctionalInterface
  private interface PutInt32 {
    void put(Message.Builder message, int value);
  }

  @FunctionalInterface
  private interface PutInt64 {
    void put(Message.Builder message, long value);
  }

  @FunctionalInterface
  private interface PutReal {
    void put(Message.Builder message, double value);
  }

  private final FieldDescriptor field;
  private final String name;
  private final Class<?> message;
  private final Class<?> builder;
  private final @Nullable Message item;

  // Threads that race each link one, which are alike.
  private @Nullable Flag has;
  private @Nullable Reference get;
  private @Nullable Int32 getInt;
  private @Nullable Int64 getLong;
  private @Nullable Real getDouble;
  private @Nullable Flag getBoolean;
  private @Nullable PutReference put;
  private @Nullable PutInt32 putInt;
  private @Nullable PutInt64 putLong;
  private @Nullable PutReal putDouble;

  /**
   * Access to {@code field} of messages that have the class of {@code prototype}.
   *
   * @param prototype any message of a generated class
   */
  public FieldAccess(Message prototype, FieldDescriptor field) {
    Message.Builder builds = prototype.newBuilderForType();
    this.field = field;
    this.name = camelCase(field.getName());
    this.message = prototype.getClass();
    this.builder = builds.getClass();
    this.item =
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            ? builds.newBuilderForField(field).getDefaultInstanceForType()
            : null;
  }

  /**
   * An empty message of the field's type, or of its items'.
   *
   * @throws IllegalStateException if it has no messages
   */
  public Message item() {
    if (item == null) {
      throw new IllegalStateException(field.getFullName() + " holds no messages");
    }
    return item;
  }

  /** Whether a field that is neither list nor map is set. */
  public boolean isSet(Message in) {
    Flag known = has;
    if (known == null) {
      has = known = getter(Flag.class, "has" + name);
    }
    return known.in(in);
  }

  /** A text or message. */
  public Object get(Message in) {
    return object(in, "");
  }

  /** The items of a list: texts, messages, boxed numbers, or constants of Java enums. */
  public List<?> getList(Message in) {
    return (List<?>) object(in, "List");
  }

  /** The entries of a map, in the order in which they were put. */
  public Map<?, ?> getMap(Message in) {
    return (Map<?, ?>) object(in, "Map");
  }

  /** An int32, or the number of an enum's constant. */
  public int getInt(Message in) {
    Int32 known = getInt;
    if (known == null) {
      getInt = known = getter(Int32.class, "get" + name + enumSuffix());
    }
    return known.in(in);
  }

  /** An int64. */
  public long getLong(Message in) {
    Int64 known = getLong;
    if (known == null) {
      getLong = known = getter(Int64.class, "get" + name);
    }
    return known.in(in);
  }

  /** A double. */
  public double getDouble(Message in) {
    Real known = getDouble;
    if (known == null) {
      getDouble = known = getter(Real.class, "get" + name);
    }
    return known.in(in);
  }

  /** A bool. */
  public boolean getBoolean(Message in) {
    Flag known = getBoolean;
    if (known == null) {
      getBoolean = known = getter(Flag.class, "get" + name);
    }
    return known.in(in);
  }

  /**
   * Sets the field, or adds to a list.
   *
   * @param value as {@code Builder.setField} takes it, but for maps, which it does not know
   */
  public void put(Message.Builder in, Object value) {
    switch (value) {
      case Long number -> putLong(in, number);
      case Double number -> putDouble(in, number);
      case Integer number -> putInt(in, number);
      case EnumValueDescriptor constant -> putInt(in, constant.getNumber());
      default -> {
        PutReference known = put;
        if (known == null) {
          put = known = putter(PutReference.class, parameter(), Object.class);
        }
        known.put(in, value);
      }
    }
  }

  /** Sets an int64, or adds to a list of them. */
  public void putLong(Message.Builder in, long value) {
    PutInt64 known = putLong;
    if (known == null) {
      putLong = known = putter(PutInt64.class, long.class, long.class);
    }
    known.put(in, value);
  }

  /** Sets a double, or adds to a list of them. */
  public void putDouble(Message.Builder in, double value) {
    PutReal known = putDouble;
    if (known == null) {
      putDouble = known = putter(PutReal.class, double.class, double.class);
    }
    known.put(in, value);
  }

  private void putInt(Message.Builder in, int value) {
    PutInt32 known = putInt;
    if (known == null) {
      putInt = known = putter(PutInt32.class, int.class, int.class);
    }
    known.put(in, value);
  }

  private Object object(Message in, String suffix) {
    Reference known = get;
    if (known == null) {
      get = known = getter(Reference.class, "get" + name + suffix);
    }
    return known.in(in);
  }

  private String enumSuffix() {
    return field.getJavaType() == FieldDescriptor.JavaType.ENUM ? "Value" : "";
  }

  private Class<?> parameter() {
    return switch (field.getJavaType()) {
      case STRING -> String.class;
      case BOOLEAN -> boolean.class;
      default -> item().getClass();
    };
  }

  private <F> F getter(Class<F> function, String method) {
    try {
      MethodHandle target = LOOKUP.unreflect(message.getMethod(method));
      Class<?> result = target.type().returnType();
      MethodType erased =
          MethodType.methodType(result.isPrimitive() ? result : Object.class, Message.class);
      return link(function, GET, erased, target, target.type());
    } catch (ReflectiveOperationException e) {
      throw notGenerated(e);
    }
  }

  /**
   * @param takes what the builder's method takes
   * @param erased what the function takes
   */
  private <F> F putter(Class<F> function, Class<?> takes, Class<?> erased) {
    try {
      String method = (field.isRepeated() ? "add" : "set") + name + enumSuffix();
      MethodHandle target = LOOKUP.unreflect(builder.getMethod(method, takes));
      MethodType exact = MethodType.methodType(void.class, builder, takes);
      return link(
          function,
          PUT,
          MethodType.methodType(void.class, Message.Builder.class, erased),
          target,
          erased.isPrimitive()
              ? exact
              : exact.changeParameterType(1, exact.wrap().parameterType(1)));
    } catch (ReflectiveOperationException e) {
      throw notGenerated(e);
    }
  }

  private <F> F link(
      Class<F> function, String method, MethodType erased, MethodHandle target, MethodType exact) {
    try {
      return function.cast(
          LambdaMetafactory.metafactory(
                  LOOKUP, method, MethodType.methodType(function), erased, target, exact)
              .getTarget()
              .invoke());
    } catch (Throwable e) {
      throw notGenerated(e);
    }
  }

  private IllegalStateException notGenerated(Throwable cause) {
    return new IllegalStateException(
        "%s cannot be reached in %s".formatted(field.getFullName(), message.getName()), cause);
  }

  /** As protoc does: what follows anything but a letter starts with a capital. */
  private static String camelCase(String name) {
    StringBuilder text = new StringBuilder(name.length());
    boolean capital = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '_') {
        text.append(capital ? Character.toUpperCase(c) : c);
      }
      capital = c == '_' || Character.isDigit(c);
    }
    return text.toString();
  }
}
