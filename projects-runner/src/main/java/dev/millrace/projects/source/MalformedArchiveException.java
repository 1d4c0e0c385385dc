package dev.millrace.projects.source;

import java.io.IOException;

/** The bytes of an archive are not what they should be. */
final class MalformedArchiveException extends IOException {

  private static final long serialVersionUID = 1L;

  MalformedArchiveException(String message) {
    super(message);
  }
}
