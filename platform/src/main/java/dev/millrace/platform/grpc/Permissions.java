package dev.millrace.platform.grpc;

import dev.millrace.proto.OptionsProto;
import dev.millrace.proto.Permission;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

/** The permission that each method of a contract declares. */
public final class Permissions {

  private Permissions() {}

  /** The permission that {@code method} declares, or PERMISSION_UNSPECIFIED. */
  public static Permission of(MethodDescriptor<?, ?> method) {
    return method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier
        ? supplier.getMethodDescriptor().getOptions().getExtension(OptionsProto.permission)
        : Permission.PERMISSION_UNSPECIFIED;
  }

  /**
   * Deny by default: a method without a declared permission is a mistake, found at start.
   *
   * @throws IllegalStateException naming the method
   */
  public static void requireDeclared(ServiceDescriptor service) {
    for (MethodDescriptor<?, ?> method : service.getMethods()) {
      if (of(method) == Permission.PERMISSION_UNSPECIFIED) {
        throw new IllegalStateException(
            method.getFullMethodName() + " declares no permission in its .proto");
      }
    }
  }
}
