package dev.millrace.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * Makes sockets that connect only where webhooks may go. The address is checked when the connection
 * is made, so that a name cannot show one address to the check and another to the connection.
 */
final class GuardedSockets extends SocketFactory {

  private final WebhookTargets targets;

  GuardedSockets(WebhookTargets targets) {
    this.targets = targets;
  }

  private static final class GuardedSocket extends Socket {

    private final WebhookTargets targets;

    GuardedSocket(WebhookTargets targets) {
      this.targets = targets;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress address) || address.getAddress() == null) {
        throw new SocketException("Not an internet address: " + endpoint);
      }
      targets.checkConnection(address.getAddress());
      super.connect(endpoint, timeout);
    }
  }

  @Override
  public Socket createSocket() {
    return new GuardedSocket(targets);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(InetAddress.getByName(host), port, localHost, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    Socket socket = createSocket();
    socket.bind(new InetSocketAddress(localHost, localPort));
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }
}
