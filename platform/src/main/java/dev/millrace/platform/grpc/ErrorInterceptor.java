package dev.millrace.platform.grpc;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a call whose handler threw, so that services simply throw. */
final class ErrorInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(ErrorInterceptor.class);

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException e) {
      fail(call, e);
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      private boolean failed;

      @Override
      public void onMessage(Q message) {
        guard(() -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        guard(super::onHalfClose);
      }

      @Override
      public void onReady() {
        guard(super::onReady);
      }

      private void guard(Runnable event) {
        if (failed) {
          return;
        }
        try {
          event.run();
        } catch (RuntimeException e) {
          failed = true;
          fail(call, e);
        }
      }
    };
  }

  private static void fail(ServerCall<?, ?> call, RuntimeException thrown) {
    boolean foreseen =
        thrown instanceof StatusRuntimeException
            || (thrown instanceof MillraceException e && e.code() != ErrorCode.INTERNAL_ERROR);
    if (!foreseen) {
      log.error("{} failed", call.getMethodDescriptor().getFullMethodName(), thrown);
    }
    StatusRuntimeException status = Errors.toStatus(thrown);
    Metadata trailers = status.getTrailers();
    try {
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    } catch (IllegalStateException e) {
      // The handler had closed the call, or the caller is gone: nobody is left to tell.
      log.debug("{} was closed already: {}", call.getMethodDescriptor(), Status.fromThrowable(e));
    }
  }
}
