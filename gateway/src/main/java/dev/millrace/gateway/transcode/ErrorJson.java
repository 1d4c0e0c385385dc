package dev.millrace.gateway.transcode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.gateway.http.Handler;
import dev.millrace.gateway.http.Response;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that writes MLflow's error bodies. */
public final class ErrorJson {

  private static final Logger log = LoggerFactory.getLogger(ErrorJson.class);

  /** When a client that came at a bad moment may come again, in seconds. */
  private static final String RETRY_SECONDS = "1";

  private static final JsonFactory JSON = new JsonFactory();

  private ErrorJson() {}

  /** Answers with an error body whatever {@code next} throws, except that the client went away. */
  public static Handler around(Handler next) {
    return request -> {
      try {
        return next.handle(request);
      } catch (MillraceException e) {
        return of(e);
      } catch (BodyTooLarge e) {
        return of(MillraceException.invalidParameter(e.text()), 413);
      } catch (StatusRuntimeException e) {
        MillraceException error = Errors.fromStatus(e);
        if (error.code().httpStatus() >= 500) {
          log.error("{} {} failed: {}", request.method(), request.path(), e.getMessage());
        }
        return of(error);
      } catch (RuntimeException e) {
        log.error("{} {} failed", request.method(), request.path(), e);
        return of(new MillraceException(ErrorCode.INTERNAL_ERROR, "Internal server error"));
      }
    };
  }

  /** The answer that tells an error, with the HTTP status of its code. */
  public static Response of(MillraceException error) {
    return of(error, error.code().httpStatus());
  }

  private static Response of(MillraceException error, int status) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("error_code", error.code().name());
      json.writeStringField("message", error.text());
      String sqlState = error.code().sqlState();
      if (sqlState != null) {
        json.writeStringField("sqlstate", sqlState);
      }
      String errorClass = error.code().errorClass();
      if (errorClass != null) {
        json.writeStringField("error_class", errorClass);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Response response = Response.bytes(status, "application/json", out.toByteArray());
    return error.code() == ErrorCode.RESOURCE_EXHAUSTED
        ? response.with("Retry-After", RETRY_SECONDS)
        : response;
  }
}
