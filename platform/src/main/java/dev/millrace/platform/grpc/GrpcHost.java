package dev.millrace.platform.grpc;

import dev.millrace.platform.access.Access;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A running gRPC server over services, in this process or on a TCP port. Every call runs on a
 * virtual thread of its own, and passes the same interceptors either way.
 */
public final class GrpcHost implements AutoCloseable {

  /** How long calls under way may take to end when the server stops, in seconds. */
  private static final long GRACE_SECONDS = 10;

  private final Server server;
  private final ExecutorService executor;

  private GrpcHost(Server server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Starts serving.
   *
   * @param listen where to listen; TCP port 0 takes a free one
   * @param readiness asked by {@code grpc.health.v1.Health/Check}: returns if the service can do
   *     its work, throws if it cannot
   * @param access what jobs may change
   * @throws IllegalStateException if a method declares no permission
   * @throws UncheckedIOException if the address cannot be taken
   */
  public static GrpcHost start(
      Target listen,
      Runnable readiness,
      Access access,
      Collection<? extends BindableService> services) {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    ServerBuilder<?> builder =
        switch (listen) {
          case Target.InProcess(String name) ->
              InProcessServerBuilder.forName(name).intercept(new HandoverInterceptor());
          case Target.Tcp(String host, int port) ->
              NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                  .maxInboundMessageSize(Target.MAX_MESSAGE_BYTES);
        };
    builder
        .executor(executor)
        .intercept(new AccessInterceptor(access))
        .intercept(new RuleInterceptor())
        .intercept(new ErrorInterceptor())
        .intercept(new CallerInterceptor())
        .addService(new HealthRpc(readiness));
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      Permissions.requireDeclared(definition.getServiceDescriptor());
      builder.addService(definition);
    }
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      executor.close();
      throw new UncheckedIOException("Cannot serve gRPC on " + listen, e);
    }
    if (listen instanceof Target.Tcp) {
      // gRPC's own threads are daemons: a process that only serves gRPC would end at once.
      Thread.ofPlatform().name("grpc-host").daemon(false).start(() -> awaitEnd(server));
    }
    return new GrpcHost(server, executor);
  }

  private static void awaitEnd(Server server) {
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The TCP port, or -1 for a server in this process. */
  public int port() {
    return server.getPort();
  }

  /** Takes no new calls, lets the ones under way end, then cancels what is left. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
  }
}
