package dev.millrace.platform.grpc;

import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;

/**
 * Where a service is: the only switch between one process and many.
 *
 * <p>Written {@code in-process:NAME} or {@code HOST:PORT}.
 */
public sealed interface Target {

  /** A service in this process; messages pass as objects, without being serialised. */
  record InProcess(String name) implements Target {}

  /** A service behind TCP. */
  record Tcp(String host, int port) implements Target {}

  /**
   * The largest message a caller accepts, in bytes: a part of a page has to fit; a runaway answer
   * has not.
   */
  int MAX_MESSAGE_BYTES = 256 << 20;

  /** The most bytes of headers a caller accepts: the longest error message fits, encoded twice. */
  int MAX_METADATA_BYTES = 1 << 20;

  /**
   * Reads {@code in-process:NAME} or {@code HOST:PORT}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Target parse(String text) {
    String inProcess = "in-process:";
    if (text.startsWith(inProcess) && text.length() > inProcess.length()) {
      return new InProcess(text.substring(inProcess.length()));
    }
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port >= 0 && port <= 65535) {
          return new Tcp(text.substring(0, colon), port);
        }
      } catch (NumberFormatException e) {
        // Falls through to the one error below.
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no gRPC target: expected in-process:NAME or HOST:PORT".formatted(text));
  }

  /** A new channel to the service; the caller shuts it down. */
  default ManagedChannel connect() {
    return switch (this) {
      case InProcess(String name) ->
          InProcessChannelBuilder.forName(name)
              .intercept(new CallerInterceptor(), new HandoverInterceptor())
              .build();
      case Tcp(String host, int port) ->
          NettyChannelBuilder.forAddress(host, port)
              .usePlaintext()
              .intercept(new CallerInterceptor())
              .maxInboundMessageSize(MAX_MESSAGE_BYTES)
              .maxInboundMetadataSize(MAX_METADATA_BYTES)
              .build();
    };
  }
}
