package dev.millrace.platform.error;

import org.jspecify.annotations.Nullable;

/** The one exception that services throw on purpose: a code and a message for the caller. */
public final class MillraceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /**
   * @param code what went wrong, in MLflow's terms
   * @param message for the caller; names the parameter it is about and holds no secret
   */
  public MillraceException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /**
   * @param cause for the log only; it never reaches the caller
   */
  public MillraceException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What went wrong, in MLflow's terms. */
  public ErrorCode code() {
    return code;
  }

  /** The message, which is never null here. */
  public String text() {
    String message = getMessage();
    return message == null ? code.name() : message;
  }

  public static MillraceException invalidParameter(String message) {
    return new MillraceException(ErrorCode.INVALID_PARAMETER_VALUE, message);
  }

  public static MillraceException notFound(String message) {
    return new MillraceException(ErrorCode.RESOURCE_DOES_NOT_EXIST, message);
  }

  public static MillraceException alreadyExists(String message) {
    return new MillraceException(ErrorCode.RESOURCE_ALREADY_EXISTS, message);
  }
}
