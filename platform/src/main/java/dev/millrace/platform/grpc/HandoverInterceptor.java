package dev.millrace.platform.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Carries a {@link Handover} to a service in the same process. gRPC's transport within a process
 * passes metadata as it is, with the objects in it; this belongs to that transport alone.
 */
final class HandoverInterceptor implements ClientInterceptor, ServerInterceptor {

  private static final Metadata.Key<Handover<?>> HEADER =
      Metadata.Key.of("millrace-handover-bin", new ByReference());

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    Handover<?> offered = options.getOption(Handover.OFFERED);
    if (offered == null) {
      return next.newCall(method, options);
    }
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        headers.put(HEADER, offered);
        offered.pass();
        super.start(listener, headers);
      }
    };
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Handover<?> received = headers.get(HEADER);
    if (received == null && Handover.RECEIVED.get() == null) {
      return next.startCall(call, headers);
    }
    // Also if there is none: a call made while another is handled must not find that one's.
    Context context = Context.current().withValue(Handover.RECEIVED, received);
    return Contexts.interceptCall(context, call, headers, next);
  }

  /** Metadata's way to carry an object: as a stream, which here is nothing but its carrier. */
  private static final class ByReference implements Metadata.BinaryStreamMarshaller<Handover<?>> {

    @Override
    public InputStream toStream(Handover<?> value) {
      return new Carrier(value);
    }

    @Override
    @SuppressWarnings("NullAway") // Metadata takes null for no value.
    public @Nullable Handover<?> parseStream(InputStream stream) {
      return stream instanceof Carrier carrier ? carrier.value : null;
    }
  }

  /** Has no bytes: who is not in this process finds nothing. */
  private static final class Carrier extends InputStream {

    private final Handover<?> value;

    Carrier(Handover<?> value) {
      this.value = value;
    }

    @Override
    public int read() {
      return -1;
    }
  }
}
