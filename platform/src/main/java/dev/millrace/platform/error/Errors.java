package dev.millrace.platform.error;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;

/**
 * The one place where an exception becomes a gRPC status and back. The MLflow code crosses the hop
 * as the reason of a {@code google.rpc.ErrorInfo}; the gRPC code alone could not tell, for
 * instance, NOT_IMPLEMENTED from ENDPOINT_NOT_FOUND.
 */
public final class Errors {

  /** The domain of every {@code ErrorInfo} that Millrace writes. */
  public static final String DOMAIN = "millrace.dev";

  /**
   * The most characters of a message that cross the hop, in headers, which cannot be arbitrarily
   * long; messages quote what callers sent.
   */
  static final int MAX_MESSAGE = 64_000;

  private Errors() {}

  /** The status that tells {@code thrown} to a gRPC caller; internals stay out of its message. */
  public static StatusRuntimeException toStatus(Throwable thrown) {
    return switch (thrown) {
      case MillraceException e -> toStatus(e.code(), e.text());
      case StatusRuntimeException e -> e;
      case StatusException e -> new StatusRuntimeException(e.getStatus(), e.getTrailers());
      default -> toStatus(ErrorCode.INTERNAL_ERROR, "Internal server error");
    };
  }

  /** What a gRPC call's failure means, in MLflow's terms. */
  public static MillraceException fromStatus(StatusException thrown) {
    return fromStatus(new StatusRuntimeException(thrown.getStatus(), thrown.getTrailers()));
  }

  /** What a gRPC call's failure means, in MLflow's terms. */
  public static MillraceException fromStatus(StatusRuntimeException thrown) {
    Status status = thrown.getStatus();
    String description = status.getDescription();
    String message = description == null ? status.getCode().name() : description;
    ErrorCode code = codeOf(thrown);
    if (code == null) {
      code =
          switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> ErrorCode.TEMPORARILY_UNAVAILABLE;
            case RESOURCE_EXHAUSTED -> ErrorCode.RESOURCE_EXHAUSTED;
            case UNIMPLEMENTED -> ErrorCode.NOT_IMPLEMENTED;
            case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
            case PERMISSION_DENIED -> ErrorCode.PERMISSION_DENIED;
            default -> ErrorCode.INTERNAL_ERROR;
          };
    }
    return new MillraceException(code, message, thrown);
  }

  private static StatusRuntimeException toStatus(ErrorCode code, String text) {
    String message = text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.grpcCode().value())
            .setMessage(message)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(code.name()).build()))
            .build());
  }

  private static @Nullable ErrorCode codeOf(StatusRuntimeException thrown) {
    com.google.rpc.Status details = StatusProto.fromThrowable(thrown);
    if (details == null) {
      return null;
    }
    for (Any detail : details.getDetailsList()) {
      if (!detail.is(ErrorInfo.class)) {
        continue;
      }
      try {
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        if (info.getDomain().equals(DOMAIN)) {
          return ErrorCode.valueOf(info.getReason());
        }
      } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
        // A newer or foreign server's detail: the gRPC code has to do.
        return null;
      }
    }
    return null;
  }
}
