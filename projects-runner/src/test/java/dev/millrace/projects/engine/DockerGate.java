package dev.millrace.projects.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A socket before a Docker daemon that can be shut: then it takes what comes, from either side, and
 * passes nothing on until it is open again.
 */
public final class DockerGate implements AutoCloseable {

  private static final String UNIX = "unix://";

  private final ServerSocketChannel server;
  private final Path socket;
  private final @Nullable Path daemon;
  private final AtomicInteger connections = new AtomicInteger();
  private volatile CountDownLatch passage = new CountDownLatch(0);

  private DockerGate(Path socket, @Nullable Path daemon) {
    this.socket = socket;
    this.daemon = daemon;
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread _ = Thread.startVirtualThread(this::accept);
  }

  /** Before the daemon that {@code DOCKER_HOST} names; skips the test if that has no socket. */
  public static DockerGate before(Path socket) {
    String host = System.getenv("DOCKER_HOST");
    Assumptions.assumeTrue(
        host != null && host.startsWith(UNIX), "DOCKER_HOST names no socket of a Docker daemon");
    return new DockerGate(socket, Path.of(host.substring(UNIX.length())));
  }

  /** Before nothing: whoever asks gets no answer, ever. */
  public static DockerGate beforeNothing(Path socket) {
    return new DockerGate(socket, null);
  }

  /** For {@code docker-host}. */
  public String host() {
    return UNIX + socket;
  }

  /** Passes nothing on. */
  public void shut() {
    passage = new CountDownLatch(1);
  }

  /** Passes on what has come meanwhile, and all that comes. */
  public void open() {
    passage.countDown();
  }

  /** How many clients are connected. */
  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        connections.incrementAndGet();
        Thread _ = Thread.startVirtualThread(() -> serve(client));
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      if (daemon == null) {
        ByteBuffer ignored = ByteBuffer.allocate(1 << 16);
        while (client.read(ignored) >= 0) {
          ignored.clear();
        }
        return;
      }
      try (SocketChannel behind = SocketChannel.open(UnixDomainSocketAddress.of(daemon))) {
        Thread back = Thread.startVirtualThread(() -> pass(behind, client));
        pass(client, behind);
        back.join();
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone.
    } finally {
      connections.decrementAndGet();
    }
  }

  private void pass(SocketChannel from, SocketChannel to) {
    try (from;
        to) {
      ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
      while (from.read(bytes) >= 0) {
        passage.await();
        bytes.flip();
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
        bytes.clear();
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone.
    }
  }

  @Override
  public void close() throws IOException {
    open();
    server.close();
  }
}
