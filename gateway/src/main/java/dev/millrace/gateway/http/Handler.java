package dev.millrace.gateway.http;

import java.io.IOException;

/** Answers requests. Called on a virtual thread, so it may block. */
@FunctionalInterface
public interface Handler {

  /**
   * Answers one request. It need not read the body.
   *
   * @throws IOException if the client went away or stalled; the connection is closed
   * @throws RuntimeException for anything unforeseen, which is logged and answered with a bare 500
   */
  Response handle(Request request) throws IOException;
}
