package dev.millrace.gateway.transcode;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;

/** The message types of methods. */
public final class Prototype {

  private Prototype() {}

  /**
   * An empty message of the type that {@code marshaller} reads and writes.
   *
   * @throws IllegalStateException if it is of no protobuf method
   */
  public static Message of(Marshaller<?> marshaller) {
    if (marshaller instanceof PrototypeMarshaller<?> prototypes
        && prototypes.getMessagePrototype() instanceof Message message) {
      return message;
    }
    throw new IllegalStateException("Not a protobuf method: " + marshaller);
  }
}
