package dev.millrace.registry;

import java.net.UnknownHostException;

/**
 * A connection that may not be made. It is a kind of UnknownHostException, as this is what
 * resolvers may throw.
 */
final class BlockedTargetException extends UnknownHostException {

  private static final long serialVersionUID = 1L;

  BlockedTargetException(String message) {
    super(message);
  }
}
