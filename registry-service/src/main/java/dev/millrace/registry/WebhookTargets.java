package dev.millrace.registry;

import dev.millrace.platform.check.Addresses;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import okhttp3.HttpUrl;

/**
 * Where webhooks may go. Users choose the URLs, and this server sends to them: without this, it
 * would send into the network it stands in. Rules and messages are those of mlflow 3.17.2 {@code
 * utils/validation.py} ({@code _validate_webhook_url}).
 */
final class WebhookTargets {

  private final List<String> schemes;
  private final boolean allowPrivate;
  private final HostResolver resolver;

  /**
   * @param schemes comma-separated
   * @param allowPrivate whether targets need not be on the public internet
   */
  WebhookTargets(String schemes, boolean allowPrivate, HostResolver resolver) {
    this.schemes = Arrays.stream(schemes.split(",", -1)).map(String::strip).toList();
    this.allowPrivate = allowPrivate;
    this.resolver = resolver;
  }

  /**
   * Checks a URL, also by what its host resolves to now.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if no webhook may have it
   */
  void check(String url) {
    String pythonHost = host(url);
    String host = parse(url).host();
    if (allowPrivate) {
      return;
    }
    try {
      List<InetAddress> _ = lookup(pythonHost);
      if (!host.equals(pythonHost)) {
        // What is sent goes by OkHttp's reading of the URL.
        List<InetAddress> _ = lookup(host);
      }
    } catch (BlockedTargetException e) {
      throw MillraceException.invalidParameter(Objects.requireNonNull(e.getMessage()));
    } catch (UnknownHostException e) {
      throw MillraceException.invalidParameter(
          "Cannot resolve Webhook URL hostname %s: %s"
              .formatted(PythonText.of(pythonHost), e.getMessage()));
    }
  }

  /**
   * Reads a URL to send to; its host is not looked up.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none, or of a scheme that is not
   *     allowed
   */
  HttpUrl parse(String url) {
    String _ = host(url);
    HttpUrl parsed = HttpUrl.parse(url);
    if (parsed == null) {
      throw MillraceException.invalidParameter(
          "Invalid webhook URL %s: no request can be sent to it.".formatted(PythonText.of(url)));
    }
    return parsed;
  }

  /**
   * The addresses of a host, all of which may be connected to.
   *
   * @throws BlockedTargetException if one of them may not
   * @throws UnknownHostException if it has none
   */
  List<InetAddress> lookup(String host) throws UnknownHostException {
    String ascii;
    try {
      ascii = host.indexOf(':') >= 0 ? host : IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      throw new UnknownHostException(
          "encoding with 'idna' codec failed (UnicodeError: label empty or too long)");
    }
    InetAddress literal = Addresses.parse(ascii);
    List<InetAddress> addresses = literal == null ? resolver.resolve(ascii) : List.of(literal);
    if (!allowPrivate) {
      for (InetAddress address : addresses) {
        if (!Addresses.isPublic(address)) {
          throw new BlockedTargetException(
              "Webhook URL must not resolve to a non-public IP address. %s resolves to %s."
                  .formatted(PythonText.of(host), Addresses.text(address, host)));
        }
      }
    }
    return addresses;
  }

  /**
   * Checks the address that a connection is about to be made to, whatever way it was found.
   *
   * @throws BlockedTargetException if it may not
   */
  void checkConnection(InetAddress address) throws BlockedTargetException {
    if (!allowPrivate && !Addresses.isPublic(address)) {
      throw new BlockedTargetException(
          "Webhook connection blocked: %s is not a public IP address."
              .formatted(Addresses.text(address, "")));
    }
  }

  private String host(String url) {
    if (url.isBlank()) {
      throw MillraceException.invalidParameter(
          "Webhook URL cannot be empty or just whitespace: " + PythonText.of(url));
    }
    PythonUrl parsed;
    try {
      parsed = PythonUrl.parse(url);
    } catch (PythonUrl.SyntaxException e) {
      throw MillraceException.invalidParameter(
          "Invalid webhook URL %s: ValueError(%s)"
              .formatted(PythonText.of(url), PythonText.of(e.getMessage())));
    }
    if (!schemes.contains(parsed.scheme())) {
      throw MillraceException.invalidParameter(
          "Invalid webhook URL scheme: %s. Allowed schemes are: %s."
              .formatted(PythonText.of(parsed.scheme()), String.join(", ", schemes)));
    }
    if (parsed.host().isEmpty()) {
      throw MillraceException.invalidParameter(
          "Webhook URL must include a hostname: " + PythonText.of(url));
    }
    return parsed.host();
  }
}
