package dev.millrace.registry;

import dev.millrace.platform.error.PythonText;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The parts of a URL as Python's {@code urllib.parse.urlparse} sees them, which is what MLflow
 * judges webhooks by.
 *
 * @param scheme in lower case; empty for none
 * @param host in lower case, without brackets; empty for none
 */
record PythonUrl(String scheme, String host) {

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
  private static final Pattern IP_FUTURE = Pattern.compile("v[a-fA-F0-9]+\\..+");
  private static final Pattern DECIMAL_IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  /** What Python calls a ValueError. */
  static final class SyntaxException extends Exception {

    private static final long serialVersionUID = 1L;

    SyntaxException(String message) {
      super(message);
    }
  }

  /**
   * Takes a URL apart.
   *
   * @throws SyntaxException if Python would not
   */
  static PythonUrl parse(String url) throws SyntaxException {
    int start = 0;
    while (start < url.length() && url.charAt(start) <= ' ') {
      start++;
    }
    String rest = url.substring(start).replaceAll("[\t\r\n]", "");
    String scheme = "";
    int colon = rest.indexOf(':');
    if (colon > 0 && SCHEME.matcher(rest.substring(0, colon)).matches()) {
      scheme = rest.substring(0, colon).toLowerCase(Locale.ROOT);
      rest = rest.substring(colon + 1);
    }
    String authority = "";
    if (rest.startsWith("//")) {
      authority = rest.substring(2).split("[/?#]", 2)[0];
      checkBrackets(authority);
      checkNormalized(authority);
    }
    return new PythonUrl(scheme, host(authority));
  }

  private static String host(String authority) {
    String info = authority.substring(authority.lastIndexOf('@') + 1);
    int open = info.indexOf('[');
    String host = open < 0 ? info.split(":", 2)[0] : info.substring(open + 1).split("]", 2)[0];
    return host.toLowerCase(Locale.ROOT);
  }

  private static void checkBrackets(String authority) throws SyntaxException {
    int open = authority.indexOf('[');
    int close = authority.indexOf(']');
    if ((open < 0) != (close < 0)) {
      throw new SyntaxException("Invalid IPv6 URL");
    }
    if (open < 0) {
      return;
    }
    String host = authority.substring(open + 1).split("]", 2)[0];
    if (host.startsWith("v")) {
      if (!IP_FUTURE.matcher(host).matches()) {
        throw new SyntaxException("IPvFuture address is invalid");
      }
    } else if (DECIMAL_IPV4.matcher(host).matches()) {
      throw new SyntaxException("An IPv4 address cannot be in brackets");
    } else if (!isIpv6(host)) {
      throw new SyntaxException(
          "%s does not appear to be an IPv4 or IPv6 address".formatted(PythonText.of(host)));
    }
  }

  private static boolean isIpv6(String host) {
    int zone = host.indexOf('%');
    String address = zone < 0 ? host : host.substring(0, zone);
    if (address.indexOf(':') < 0) {
      return false;
    }
    try {
      // With a colon in it, it is never looked up.
      InetAddress _ = InetAddress.getByName(address);
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** A letter that becomes a delimiter when it is normalised would move the end of the host. */
  private static void checkNormalized(String authority) throws SyntaxException {
    String plain = authority.replaceAll("[@:#?]", "");
    String normalized = Normalizer.normalize(plain, Normalizer.Form.NFKC);
    if (!normalized.equals(plain) && normalized.matches("(?s).*[/?#@:].*")) {
      throw new SyntaxException(
          "netloc '%s' contains invalid characters under NFKC normalization".formatted(authority));
    }
  }
}
