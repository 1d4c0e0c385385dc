package dev.millrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: a request is read only after the one before it is answered, and handled on
 * a virtual thread.
 */
final class Connection extends ChannelInboundHandlerAdapter
    implements ResponseBody.Outlet, RequestBody.Source {

  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** How long a client may take to read that its request cannot be understood. */
  private static final long REFUSED_SECONDS = 2;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  /** An unread rest of a body up to this size is read and dropped to keep the connection. */
  private static final long KEEP_BYTES = 256 << 10;

  /**
   * How much more a client may send after an early answer, before the connection is reset. A client
   * that only reads after it has sent everything would never see the answer otherwise.
   */
  private static final long LINGER_BYTES = 64 << 20;

  private final Handler handler;
  private final Handler busy;
  private final Semaphore places;
  private final Limits limits;
  private final Executor requests;
  private final DuplexChannel channel;

  // Of the event loop alone.
  private final Queue<Object> waiting = new ArrayDeque<>();
  private boolean wanted;
  private @Nullable Future<?> idleTimer;
  private @Nullable RequestBody body;

  private volatile boolean stopping;
  private volatile boolean gone;

  /**
   * @param busy answers when there is no place left
   * @param places one is taken while a request is answered
   * @param requests runs each request on a thread that may block
   */
  Connection(
      DuplexChannel channel,
      Handler handler,
      Handler busy,
      Semaphore places,
      Limits limits,
      Executor requests) {
    this.channel = channel;
    this.handler = handler;
    this.busy = busy;
    this.places = places;
    this.limits = limits;
    this.requests = requests;
  }

  /** Closes an idle connection now, a busy one after its answer. */
  void stop() {
    stopping = true;
    channel
        .eventLoop()
        .execute(
            () -> {
              if (body == null) {
                hangUp();
              }
            });
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    awaitRequest();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    waiting.add(message);
    deliver();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (wanted) {
      channel.read();
    }
  }

  /**
   * Asks for the next message: one that a read brought along with another, or one that the network
   * has yet to bring. Nothing is read before somebody asks, which is what slows the client down.
   */
  @Override
  public void demand() {
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(this::demand);
      return;
    }
    wanted = true;
    deliver();
    if (wanted) {
      channel.read();
    }
  }

  @Override
  public void sendContinue() {
    send(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
  }

  private void deliver() {
    if (!wanted || waiting.isEmpty()) {
      return;
    }
    wanted = false;
    Object message = waiting.remove();
    switch (message) {
      case HttpRequest head when body == null -> begin(head);
      case HttpContent piece when body != null -> body.arrive(piece);
      default -> ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    cancelIdleTimer();
    gone = true;
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    if (body != null) {
      body.fail(new IOException("The client went away"));
    }
    signal();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    signal();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("{} failed", channel, cause);
    hangUp();
  }

  @Override
  public synchronized void awaitWritable() throws IOException {
    long deadline = System.nanoTime() + limits.stall().toNanos();
    while (!channel.isWritable()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (gone || left <= 0) {
        break;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Interrupted while writing the response");
      }
    }
    if (gone) {
      throw new IOException("The client went away");
    }
    if (!channel.isWritable()) {
      throw new InterruptedIOException("The client stopped taking the response");
    }
  }

  @Override
  public void send(Object message) {
    channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void send(FileChannel file, long offset, long length) throws IOException {
    Region region = new Region(file, offset, length);
    ChannelFuture sent = channel.writeAndFlush(region);
    try {
      long before = -1;
      while (!sent.await(limits.stall().toMillis())) {
        long now = region.sent;
        if (now == before) {
          throw new InterruptedIOException("The client stopped taking the response");
        }
        before = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while writing the response");
    }
    if (!sent.isSuccess()) {
      throw new IOException("The client went away, or a file ended early", sent.cause());
    }
  }

  @Override
  public ByteBuf buffer(int initial, int most) {
    return channel.alloc().buffer(initial, most);
  }

  private synchronized void signal() {
    notifyAll();
  }

  private void hangUp() {
    var _ = channel.close();
  }

  private void awaitRequest() {
    if (stopping) {
      hangUp();
      return;
    }
    idleTimer =
        channel.eventLoop().schedule(this::hangUp, limits.idle().toMillis(), TimeUnit.MILLISECONDS);
    demand();
  }

  private void cancelIdleTimer() {
    if (idleTimer != null) {
      idleTimer.cancel(false);
      idleTimer = null;
    }
  }

  private void begin(HttpRequest head) {
    cancelIdleTimer();
    if (head.decoderResult().isFailure()) {
      refuse(head.decoderResult().cause());
      return;
    }
    RequestBody incoming =
        new RequestBody(
            this,
            HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L),
            HttpUtil.is100ContinueExpected(head),
            limits.stall().toMillis());
    body = incoming;
    demand();
    requests.execute(() -> serve(head, incoming));
  }

  /** A head that cannot be understood; where the next request would start is unknown. */
  private void refuse(Throwable cause) {
    HttpResponseStatus status =
        switch (cause) {
          case TooLongHttpLineException _ -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
          case TooLongHttpHeaderException _ -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
          default -> HttpResponseStatus.BAD_REQUEST;
        };
    // The words of uvicorn, the real server's HTTP layer.
    byte[] text = "Invalid HTTP request received.".getBytes(StandardCharsets.US_ASCII);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(text));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, text.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    channel
        .writeAndFlush(response)
        .addListener(
            _ -> {
              // The decoder drops what still comes; closing at once would reset the connection and
              // take the answer away from a client that has not read it.
              var _ = channel.shutdownOutput();
              idleTimer =
                  channel.eventLoop().schedule(this::hangUp, REFUSED_SECONDS, TimeUnit.SECONDS);
              demand();
            });
  }

  private void serve(HttpRequest head, RequestBody incoming) {
    boolean keep = false;
    boolean placed = places.tryAcquire();
    try {
      keep = answer(placed ? handler : busy, head, incoming);
      if (keep) {
        keep = incoming.drain(KEEP_BYTES);
      } else {
        linger(incoming);
      }
    } catch (IOException e) {
      log.debug("{}: {}", channel, e.toString());
      keep = false;
    } catch (RuntimeException | Error e) {
      log.error("{} {} broke off", head.method(), head.uri(), e);
      keep = false;
    } finally {
      if (placed) {
        places.release();
      }
      incoming.release();
      boolean next = keep;
      channel.eventLoop().execute(() -> end(next));
    }
  }

  private void end(boolean next) {
    body = null;
    if (next) {
      awaitRequest();
    } else {
      hangUp();
    }
  }

  /** Answers; true if the connection can carry another request. */
  private boolean answer(Handler by, HttpRequest head, RequestBody incoming) throws IOException {
    Response response;
    try {
      response = by.handle(new Request(head, incoming));
    } catch (RuntimeException e) {
      response = unforeseen(head, e);
    }
    boolean keep = HttpUtil.isKeepAlive(head) && !stopping && incoming.isNearlyRead(KEEP_BYTES);
    boolean chunkable = head.protocolVersion().isKeepAliveDefault();
    if (!chunkable
        && response.body() instanceof Response.Body.Stream(long length, _)
        && length < 0) {
      keep = false;
    }
    ResponseBody out = open(head, response, keep, chunkable);
    try {
      write(response, out);
    } catch (RuntimeException e) {
      if (out.isHeadSent()) {
        throw e;
      }
      out.release();
      out = open(head, unforeseen(head, e), keep, chunkable);
      out.finish();
    } finally {
      out.release();
    }
    return keep;
  }

  private static void write(Response response, ResponseBody out) throws IOException {
    switch (response.body()) {
      case Response.Body.Bytes(byte[] bytes) -> out.write(bytes);
      case Response.Body.Stream(_, Response.Writer writer) -> writer.write(out);
    }
    out.finish();
  }

  private static Response unforeseen(HttpRequest head, RuntimeException thrown) {
    log.error("{} {} failed", head.method(), head.uri(), thrown);
    return Response.of(500);
  }

  private ResponseBody open(HttpRequest head, Response response, boolean keep, boolean chunkable) {
    HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    response.headers().forEach(headers::set);
    headers.set(HttpHeaderNames.DATE, DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
    if (!keep) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!head.protocolVersion().isKeepAliveDefault()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    long declared =
        switch (response.body()) {
          case Response.Body.Bytes(byte[] bytes) -> bytes.length;
          case Response.Body.Stream(long length, _) -> length;
        };
    HttpResponseStatus status = HttpResponseStatus.valueOf(response.status());
    boolean bodiless =
        head.method().name().equals("HEAD") || status.code() == 204 || status.code() == 304;
    return new ResponseBody(this, status, headers, declared, bodiless, chunkable);
  }

  /** Ends our side, then drops what the client still sends, so that it gets to read the answer. */
  private void linger(RequestBody incoming) throws IOException {
    ChannelFuture sent = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    sent.awaitUninterruptibly(limits.stall().toMillis());
    if (sent.isSuccess()) {
      channel.shutdownOutput().awaitUninterruptibly();
      incoming.drain(LINGER_BYTES);
    }
  }

  /** A part of a file that stays open, as other parts may follow. */
  private static final class Region extends DefaultFileRegion {

    /** Bytes that went out. The event loop counts, and others look. */
    private volatile long sent;

    Region(FileChannel file, long offset, long length) {
      super(file, offset, length);
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
      long count = super.transferTo(target, position);
      sent = transferred();
      return count;
    }

    @Override
    protected void deallocate() {}
  }
}
