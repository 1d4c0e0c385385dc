package dev.millrace.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a host name. */
@FunctionalInterface
interface HostResolver {

  /**
   * All addresses of a host.
   *
   * @throws UnknownHostException if it has none, or they do not come in time
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;
}
