package dev.millrace.platform.access;

import com.google.protobuf.Message;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;

/**
 * What a service lets jobs change. It is asked before a method that needs EDIT or MANAGE, if the
 * caller is a job; others may change everything as long as there is no authentication of users.
 */
@FunctionalInterface
public interface Access {

  /** Jobs change nothing. */
  Access NONE =
      (_, _) -> {
        throw refused();
      };

  /**
   * Lets a job make a request, or does not.
   *
   * @param run the job's run
   * @throws MillraceException PERMISSION_DENIED
   */
  void check(String run, Message request);

  /** What a job is told. */
  static MillraceException refused() {
    return new MillraceException(
        ErrorCode.PERMISSION_DENIED,
        "Permission denied: with its token, a job changes only its own run and those below it.");
  }
}
