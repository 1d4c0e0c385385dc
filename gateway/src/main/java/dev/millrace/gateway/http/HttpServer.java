package dev.millrace.gateway.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A running HTTP/1.1 server. */
public final class HttpServer implements AutoCloseable {

  /** How long requests under way may take to end when the server stops, in seconds. */
  private static final long GRACE_SECONDS = 10;

  private static final int PIECE_BYTES = 64 << 10;

  private final EventLoopGroup loops;
  private final ExecutorService requests;
  private final ChannelGroup connections;
  private final Channel listening;

  private HttpServer(
      EventLoopGroup loops, ExecutorService requests, ChannelGroup connections, Channel listening) {
    this.loops = loops;
    this.requests = requests;
    this.connections = connections;
    this.listening = listening;
  }

  /**
   * Starts serving.
   *
   * @param address where to listen; port 0 takes a free one
   * @param busy answers requests beyond {@link Limits#requests}, without waiting for anything
   * @throws UncheckedIOException if the address cannot be taken
   */
  public static HttpServer start(
      InetSocketAddress address, Limits limits, Handler handler, Handler busy) {
    // Event loops only move bytes; the work happens on virtual threads.
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
    ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    Semaphore places = new Semaphore(limits.requests());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(PIECE_BYTES, 4 * PIECE_BYTES))
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new ReadBuffers(connections::size))
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpRequestDecoder(decoding(limits)))
                        .addLast(new HttpResponseEncoder())
                        .addLast(new Connection(channel, handler, busy, places, limits, requests));
                    connections.add(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      requests.close();
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      String reason = bound.cause() == null ? "unknown reason" : bound.cause().getMessage();
      throw new UncheckedIOException(
          new IOException(
              "Cannot serve HTTP on %s:%d: %s"
                  .formatted(address.getHostString(), address.getPort(), reason),
              bound.cause()));
    }
    return new HttpServer(loops, requests, connections, bound.channel());
  }

  /** The TCP port. */
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Takes no new requests, lets the ones under way be answered, then cuts off what is left. */
  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
    for (Channel channel : connections) {
      channel.pipeline().get(Connection.class).stop();
    }
    connections.newCloseFuture().awaitUninterruptibly(GRACE_SECONDS, TimeUnit.SECONDS);
    connections.close().awaitUninterruptibly();
    requests.shutdownNow();
    requests.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static HttpDecoderConfig decoding(Limits limits) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(limits.requestLine())
        .setMaxHeaderSize(limits.headers())
        .setMaxChunkSize(ReadBuffers.MOST_BYTES);
  }
}
