package dev.millrace.gateway.graphql;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.gateway.transcode.Prototype;
import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.Parts;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A method of the contracts as a field of a root type.
 *
 * @param name the field's
 */
record Method(
    String name, MethodDescriptor<? extends Message, ? extends Message> rpc, Channel channel) {

  Message request() {
    return Prototype.of(rpc.getRequestMarshaller());
  }

  Message response() {
    return Prototype.of(rpc.getResponseMarshaller());
  }

  /**
   * Calls it.
   *
   * @param input the fields of the request, validated against its input type
   * @throws MillraceException as the service says
   */
  Message call(Map<String, ? extends @Nullable Object> input) {
    return call(rpc, input);
  }

  private <Q extends Message, R extends Message> R call(
      MethodDescriptor<Q, R> typed, Map<String, ? extends @Nullable Object> input) {
    Message.Builder request = request().newBuilderForType();
    input.forEach((name, value) -> set(request, name, value));
    // The builder is of the method's own request type, which its prototype made.
    @SuppressWarnings("unchecked")
    Q message = (Q) request.build();
    try {
      return typed.getType() == MethodDescriptor.MethodType.SERVER_STREAMING
          ? Parts.merge(
              ClientCalls.blockingServerStreamingCall(channel, typed, CallOptions.DEFAULT, message))
          : ClientCalls.blockingUnaryCall(channel, typed, CallOptions.DEFAULT, message);
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private static void set(Message.Builder request, String name, @Nullable Object value) {
    if (value == null) {
      return;
    }
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      boolean isAlias = Types.camelCase(Rules.of(field).getAlias()).equals(name);
      if (!field.getJsonName().equals(name) && !isAlias) {
        continue;
      }
      if (isAlias && request.hasField(field)) {
        return;
      }
      if (value instanceof List<?> items) {
        for (Object item : items) {
          if (item != null) {
            request.addRepeatedField(field, protobuf(field, item));
          }
        }
      } else {
        request.setField(field, protobuf(field, value));
      }
      return;
    }
  }

  private static Object protobuf(FieldDescriptor field, Object value) {
    if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
      EnumDescriptor type = field.getEnumType();
      return type.findValueByName((String) value);
    }
    return value;
  }
}
