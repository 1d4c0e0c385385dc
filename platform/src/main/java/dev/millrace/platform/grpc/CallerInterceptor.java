package dev.millrace.platform.grpc;

import dev.millrace.platform.call.Caller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Carries the {@link Caller} over a gRPC hop: out as metadata, in again as context. */
final class CallerInterceptor implements ClientInterceptor, ServerInterceptor {

  // Binary, as names are not only ASCII.
  private static final Metadata.Key<byte[]> USER =
      Metadata.Key.of("millrace-user-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Metadata.Key<byte[]> RUN =
      Metadata.Key.of("millrace-run-bin", Metadata.BINARY_BYTE_MARSHALLER);

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        Caller caller = Caller.current();
        put(headers, USER, caller.user());
        put(headers, RUN, caller.run());
        super.start(listener, headers);
      }
    };
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    // Whoever called in this very process has left its own caller in the context.
    Caller caller = new Caller(get(headers, USER), get(headers, RUN));
    return Contexts.interceptCall(caller.context(), call, headers, next);
  }

  private static void put(Metadata headers, Metadata.Key<byte[]> key, @Nullable String value) {
    if (value != null) {
      headers.put(key, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static @Nullable String get(Metadata headers, Metadata.Key<byte[]> key) {
    byte @Nullable [] value = headers.get(key);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }
}
