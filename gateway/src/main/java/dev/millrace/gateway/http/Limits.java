package dev.millrace.gateway.http;

import java.time.Duration;

/**
 * What connections may cost.
 *
 * @param requests how many are answered at a time, over all connections
 * @param requestLine bytes of method, target and version; more is answered with 414
 * @param headers bytes of all headers; more is answered with 431
 * @param idle how long a connection may take to bring the head of its next request
 * @param stall how long a body may stand still in either direction
 */
public record Limits(int requests, int requestLine, int headers, Duration idle, Duration stall) {

  /** The real server takes 60,000 bytes of each head; double that, and a minute. */
  public static Limits of(int requests) {
    return new Limits(
        requests, 128 << 10, 128 << 10, Duration.ofSeconds(60), Duration.ofSeconds(60));
  }
}
