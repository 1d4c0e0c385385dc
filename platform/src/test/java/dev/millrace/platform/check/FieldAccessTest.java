package dev.millrace.platform.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.millrace.proto.Contracts;
import dev.millrace.proto.CreatePresignedUploadUrlResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.RunInfo;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FieldAccessTest {

  /** The protobuf types that some contract has in JSON. */
  private static boolean isReached(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case BYTE_STRING, FLOAT -> false;
      default -> !field.isMapField();
    };
  }

  @ParameterizedTest
  @MethodSource("messages")
  void doesWhatReflectionDoes(Message prototype) {
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      FieldAccess access = new FieldAccess(prototype, field);
      if (isReached(field)) {
        Object value = value(access, field);
        Message.Builder expected = prototype.newBuilderForType();
        if (field.isRepeated()) {
          expected.addRepeatedField(field, value).addRepeatedField(field, value);
        } else {
          expected.setField(field, value);
        }
        Message.Builder actual = prototype.newBuilderForType();
        access.put(actual, value);
        access.put(actual, value);
        assertThat(actual.build()).as(field.getFullName()).isEqualTo(expected.build());
        assertThat(read(access, field, expected.build()))
            .as(field.getFullName())
            .isEqualTo(expected.getField(field));
        if (!field.isRepeated()) {
          assertThat(access.isSet(expected.build())).isTrue();
          assertThat(access.isSet(prototype)).isFalse();
        }
      }
    }
  }

  @Test
  void readsMapsInTheirOrder() {
    Message message =
        CreatePresignedUploadUrlResponse.newBuilder()
            .putHeaders("b", "2")
            .putHeaders("a", "1")
            .build();
    FieldAccess access =
        new FieldAccess(message, message.getDescriptorForType().findFieldByName("headers"));
    assertThat(access.getMap(message).toString()).isEqualTo("{b=2, a=1}");
    assertThat(access.getMap(message.getDefaultInstanceForType())).isEmpty();
  }

  @Test
  void readsNumbersOfConstantsThatNobodyKnows() {
    RunInfo info = RunInfo.newBuilder().setStatusValue(99).build();
    FieldDescriptor field = RunInfo.getDescriptor().findFieldByName("status");
    assertThat(new FieldAccess(info, field).getInt(info)).isEqualTo(99);
  }

  @Test
  void whatIsNotThereIsNamed() {
    FieldDescriptor key = Metric.getDescriptor().findFieldByName("key");
    FieldAccess access = new FieldAccess(Metric.getDefaultInstance(), key);
    assertThatThrownBy(access::item)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("millrace.v1.Metric.key holds no messages");
    Message dynamic = DynamicMessage.getDefaultInstance(Metric.getDescriptor());
    assertThatThrownBy(() -> new FieldAccess(dynamic, key).isSet(dynamic))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("millrace.v1.Metric.key cannot be reached");
  }

  private static Object value(FieldAccess access, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> "text";
      case LONG -> Long.MIN_VALUE;
      case INT -> Integer.MAX_VALUE;
      case DOUBLE -> Double.MIN_VALUE;
      case BOOLEAN -> true;
      case ENUM -> field.getEnumType().getValues().getLast();
      case MESSAGE -> access.item();
      case FLOAT, BYTE_STRING -> throw new AssertionError(field);
    };
  }

  private static Object read(FieldAccess access, FieldDescriptor field, Message message) {
    if (field.isRepeated()) {
      return access.getList(message);
    }
    return switch (field.getJavaType()) {
      case LONG -> access.getLong(message);
      case INT -> access.getInt(message);
      case DOUBLE -> access.getDouble(message);
      case BOOLEAN -> access.getBoolean(message);
      case ENUM -> constant(field, access.getInt(message));
      default -> access.get(message);
    };
  }

  private static EnumValueDescriptor constant(FieldDescriptor field, int number) {
    return field.getEnumType().findValueByNumberCreatingIfUnknown(number);
  }

  /** Every message that a contract leads to. */
  static Stream<Message> messages() {
    Map<Descriptor, Message> found = new LinkedHashMap<>();
    Stream.of(
            Contracts.TRACKING_STORE,
            Contracts.ARTIFACT_STORE,
            Contracts.REGISTRY_SERVICE,
            Contracts.PROJECTS_RUNNER)
        .flatMap(services -> services.stream())
        .flatMap(service -> service.getMethods().stream())
        .forEach(method -> collect(method, found));
    return found.values().stream();
  }

  private static void collect(MethodDescriptor<?, ?> method, Map<Descriptor, Message> found) {
    collect(prototype(method.getRequestMarshaller()), found);
    collect(prototype(method.getResponseMarshaller()), found);
  }

  private static Message prototype(Marshaller<?> marshaller) {
    if (marshaller instanceof PrototypeMarshaller<?> prototypes
        && prototypes.getMessagePrototype() instanceof Message message) {
      return message;
    }
    throw new AssertionError(marshaller);
  }

  private static void collect(Message message, Map<Descriptor, Message> found) {
    if (found.putIfAbsent(message.getDescriptorForType(), message) == null) {
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
          collect(new FieldAccess(message, field).item(), found);
        }
      }
    }
  }
}
