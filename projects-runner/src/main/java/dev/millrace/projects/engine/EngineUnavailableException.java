package dev.millrace.projects.engine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The engine cannot be asked now: nothing is known, and nothing may be concluded. */
public final class EngineUnavailableException extends IOException {

  private static final long serialVersionUID = 1L;

  EngineUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
