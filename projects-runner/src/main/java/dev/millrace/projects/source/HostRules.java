package dev.millrace.projects.source;

import dev.millrace.platform.check.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What this server may connect to where users choose the URL: without this, it would connect into
 * the network it stands in.
 *
 * @param schemes in lower case
 * @param hosts in lower case; {@code *} for any, {@code *.example.com} for those below
 * @param allowPrivate whether hosts need not be on the public internet
 */
record HostRules(Set<String> schemes, List<String> hosts, boolean allowPrivate) {

  /** What a setting lists, comma-separated, in lower case. */
  static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(part -> part.strip().toLowerCase(Locale.ROOT))
        .filter(part -> !part.isEmpty())
        .toList();
  }

  boolean allowsScheme(String scheme) {
    return schemes.contains(scheme.toLowerCase(Locale.ROOT));
  }

  boolean allowsHost(String host) {
    String plain = host.toLowerCase(Locale.ROOT);
    return hosts.stream()
        .anyMatch(
            allowed ->
                allowed.equals("*")
                    || allowed.equals(plain)
                    || (allowed.startsWith("*.") && plain.endsWith(allowed.substring(1))));
  }

  /** The schemes for a message. */
  String schemeNames() {
    return String.join(", ", schemes.stream().sorted().toList());
  }

  /**
   * The addresses of a host.
   *
   * @throws UnknownHostException if it has none, or one that may not be connected to
   */
  List<InetAddress> lookup(String host) throws UnknownHostException {
    List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
    for (InetAddress address : addresses) {
      check(address);
    }
    return addresses;
  }

  /**
   * Looks at an address before something is connected to it.
   *
   * @throws UnknownHostException if it may not be connected to
   */
  void check(InetAddress address) throws UnknownHostException {
    if (!allowPrivate && !Addresses.isPublic(address)) {
      throw new UnknownHostException("is not on the public internet");
    }
  }
}
