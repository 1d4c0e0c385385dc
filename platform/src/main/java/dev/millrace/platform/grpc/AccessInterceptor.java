package dev.millrace.platform.grpc;

import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.call.Caller;
import dev.millrace.proto.Permission;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Asks, before a job changes something, whether it may. Of a stream, the first message tells. */
final class AccessInterceptor implements ServerInterceptor {

  private final Access access;

  AccessInterceptor(Access access) {
    this.access = access;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String run = Caller.current().run();
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (run == null || !isChange(Permissions.of(call.getMethodDescriptor()))) {
      return listener;
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      private boolean isAllowed;

      @Override
      public void onMessage(Q message) {
        if (!isAllowed) {
          access.check(run, (Message) message);
          isAllowed = true;
        }
        super.onMessage(message);
      }
    };
  }

  private static boolean isChange(Permission permission) {
    return permission == Permission.EDIT || permission == Permission.MANAGE;
  }
}
