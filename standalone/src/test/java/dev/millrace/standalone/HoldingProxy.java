package dev.millrace.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes TCP connections on to a server, and keeps its answers back while it is told to. */
final class HoldingProxy implements AutoCloseable {

  private final ServerSocket listening;
  private final int server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private boolean isHolding;

  /**
   * @param server a port on this machine
   */
  HoldingProxy(int server) throws IOException {
    this.server = server;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** From now on answers are kept back. */
  synchronized void hold() {
    isHolding = true;
  }

  /** Answers pass again, with those that were kept back. */
  synchronized void release() {
    isHolding = false;
    notifyAll();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), server);
        sockets.add(client);
        sockets.add(behind);
        Thread.ofVirtual().start(() -> pass(client, behind, false));
        Thread.ofVirtual().start(() -> pass(behind, client, true));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void pass(Socket from, Socket to, boolean isAnswer) {
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (isAnswer) {
          awaitRelease();
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException | InterruptedException e) {
      // One of the two is gone.
    }
  }

  private synchronized void awaitRelease() throws InterruptedException {
    while (isHolding) {
      wait();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
