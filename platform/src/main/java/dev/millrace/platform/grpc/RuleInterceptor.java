package dev.millrace.platform.grpc;

import com.google.protobuf.Message;
import dev.millrace.platform.check.Rules;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Holds gRPC callers to the field rules that the gateway holds REST callers to. */
final class RuleInterceptor implements ServerInterceptor {

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onMessage(Q message) {
        if (message instanceof Message m) {
          Rules.of(m).check(m);
        }
        super.onMessage(message);
      }
    };
  }
}
