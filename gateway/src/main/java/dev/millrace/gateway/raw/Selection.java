package dev.millrace.gateway.raw;

import java.util.List;

/** What a {@code Range} header asks of a file. */
sealed interface Selection {

  /** Bytes by their positions, both inclusive. */
  record Span(long first, long last) {

    long length() {
      return last - first + 1;
    }
  }

  /** All of it. */
  record Whole() implements Selection {}

  /** These, in this order; at least one. */
  record Parts(List<Span> spans) implements Selection {}

  /** Bytes that it has not. */
  record OutOfReach() implements Selection {}

  /**
   * Nothing that can be understood.
   *
   * @param complaint for the client
   */
  record Malformed(String complaint) implements Selection {}
}
