package dev.millrace.projects.source;

import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Tells what passes by itself, as a host is away, from what does not. */
final class Outage {

  private Outage() {}

  /** Whether a host cannot be found, may not be connected to, or is not the one it should be. */
  static boolean isStranger(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException
          || cause instanceof URISyntaxException
          || cause instanceof SSLHandshakeException
          || cause instanceof SSLPeerUnverifiedException) {
        return true;
      }
    }
    return false;
  }

  /** Whether a host does not answer, or breaks its answer off. */
  static boolean isAway(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      // Refused and reset connections; time-outs; answers that end too early.
      if (cause instanceof SocketException
          || cause instanceof InterruptedIOException
          || cause instanceof ProtocolException) {
        return !isStranger(thrown);
      }
    }
    return false;
  }
}
