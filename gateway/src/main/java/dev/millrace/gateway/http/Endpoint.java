package dev.millrace.gateway.http;

import java.io.IOException;
import java.util.Map;

/** Answers the requests of one route. */
@FunctionalInterface
public interface Endpoint {

  /**
   * Answers one request.
   *
   * @param variables the variables of the route's template, decoded once
   * @throws IOException if the client went away or stalled
   */
  Response handle(Request request, Map<String, String> variables) throws IOException;
}
