package dev.millrace.platform.error;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * MLflow's error codes, each with the HTTP status clients see and the gRPC code internal callers
 * see.
 *
 * <p>Source: mlflow 3.17.2 {@code exceptions.py} (statuses) and {@code error_classification.py}
 * (SQLSTATE and class, which newer clients show). A code that MLflow does not map is 500 there.
 */
public enum ErrorCode {
  BAD_REQUEST(400, Status.Code.INVALID_ARGUMENT, "KAM00", "INVALID_PARAMETER_VALUE"),
  INVALID_PARAMETER_VALUE(400, Status.Code.INVALID_ARGUMENT, "KAM00", "INVALID_PARAMETER_VALUE"),
  RESOURCE_ALREADY_EXISTS(400, Status.Code.ALREADY_EXISTS, "KAM00", "RESOURCE_ALREADY_EXISTS"),
  UNAUTHENTICATED(401, Status.Code.UNAUTHENTICATED, null, null),
  PERMISSION_DENIED(403, Status.Code.PERMISSION_DENIED, "KAM00", "PERMISSION_DENIED"),
  RESOURCE_DOES_NOT_EXIST(404, Status.Code.NOT_FOUND, "KAM00", "RESOURCE_NOT_FOUND"),
  NOT_FOUND(404, Status.Code.NOT_FOUND, "KAM00", "RESOURCE_NOT_FOUND"),
  ENDPOINT_NOT_FOUND(404, Status.Code.UNIMPLEMENTED, "KAM00", "RESOURCE_NOT_FOUND"),
  RESOURCE_CONFLICT(409, Status.Code.ABORTED, null, null),
  RESOURCE_EXHAUSTED(429, Status.Code.RESOURCE_EXHAUSTED, null, null),
  INTERNAL_ERROR(500, Status.Code.INTERNAL, "XXM00", "CLIENT_INTERNAL_ERROR"),
  INVALID_STATE(500, Status.Code.FAILED_PRECONDITION, "XXM00", "CLIENT_INTERNAL_ERROR"),
  FEATURE_DISABLED(500, Status.Code.FAILED_PRECONDITION, "KAM00", "FEATURE_DISABLED"),
  NOT_IMPLEMENTED(501, Status.Code.UNIMPLEMENTED, null, null),
  TEMPORARILY_UNAVAILABLE(503, Status.Code.UNAVAILABLE, "XXM00", "CLIENT_INTERNAL_ERROR");

  private final int httpStatus;
  private final Status.Code grpcCode;
  private final @Nullable String sqlState;
  private final @Nullable String errorClass;

  ErrorCode(
      int httpStatus,
      Status.Code grpcCode,
      @Nullable String sqlState,
      @Nullable String errorClass) {
    this.httpStatus = httpStatus;
    this.grpcCode = grpcCode;
    this.sqlState = sqlState;
    this.errorClass = errorClass;
  }

  /** The HTTP status that carries this code. */
  public int httpStatus() {
    return httpStatus;
  }

  /** The gRPC status code that carries this code. */
  public Status.Code grpcCode() {
    return grpcCode;
  }

  /** The SQLSTATE that MLflow 3.17 adds to error bodies, or null where it adds none. */
  public @Nullable String sqlState() {
    return sqlState;
  }

  /** The error class that MLflow 3.17 adds to error bodies, or null where it adds none. */
  public @Nullable String errorClass() {
    return errorClass;
  }
}
