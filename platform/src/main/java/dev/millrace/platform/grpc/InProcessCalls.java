package dev.millrace.platform.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;

/**
 * Where a call from this very process runs. A unary call whose caller waits for it whatever happens
 * runs on the caller's thread, which would only wait for another otherwise: two hand-overs less.
 * All others need a thread of their own: a caller with a deadline gives up while the call goes on,
 * and the two ends of a stream take turns.
 */
final class InProcessCalls implements ServerCallExecutorSupplier {

  private static final Metadata.Key<String> DEADLINE =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  private final Executor others;

  /**
   * @param others runs the calls that cannot run on their callers' threads
   */
  InProcessCalls(Executor others) {
    this.others = others;
  }

  @Override
  public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
    boolean waitedFor =
        call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY
            && !headers.containsKey(DEADLINE);
    return waitedFor ? Runnable::run : others;
  }
}
