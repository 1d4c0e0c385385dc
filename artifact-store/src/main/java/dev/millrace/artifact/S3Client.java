package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import io.minio.MinioAsyncClient;
import io.minio.credentials.AwsConfigProvider;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.ChainedProvider;
import io.minio.credentials.IamAwsProvider;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to an S3 service, used in blocking calls, whose failures are MLflow's errors. */
final class S3Client implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(S3Client.class);

  /** Requests in flight; callers beyond wait. OkHttp's own 5 per host would be the bottleneck. */
  private static final int MAX_REQUESTS = 512;

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final OkHttpClient http;
  private final MinioAsyncClient minio;

  /** A call of the SDK. */
  @FunctionalInterface
  interface Call<T> {
    CompletableFuture<T> start(MinioAsyncClient minio) throws MinioException;
  }

  S3Client(ArtifactStoreConfiguration configuration) {
    Dispatcher dispatcher = new Dispatcher(executor);
    dispatcher.setMaxRequests(MAX_REQUESTS);
    dispatcher.setMaxRequestsPerHost(MAX_REQUESTS);
    this.http =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectTimeout(Duration.ofSeconds(10))
            .readTimeout(Duration.ofMinutes(1))
            .writeTimeout(Duration.ofMinutes(1))
            .build();
    MinioAsyncClient.Builder builder =
        MinioAsyncClient.builder().httpClient(http, false).endpoint(configuration.endpoint());
    configuration.region().ifPresent(builder::region);
    if (configuration.hasCredentials()) {
      builder.credentials(configuration.s3AccessKey(), configuration.s3SecretKey());
    } else {
      builder.credentialsProvider(
          new ChainedProvider(
              new AwsEnvironmentProvider(),
              new AwsConfigProvider(null, null),
              new IamAwsProvider(null, http)));
    }
    this.minio = builder.build();
  }

  /**
   * Waits for a call.
   *
   * @throws MillraceException the code that mlflow 3.17.2 {@code s3_artifact_repo.py} gives to the
   *     service's error, and the service's words; TEMPORARILY_UNAVAILABLE if it does not answer
   */
  <T> T await(Call<T> call) {
    try {
      return call.start(minio).get();
    } catch (ExecutionException e) {
      throw translate(e.getCause() == null ? e : e.getCause());
    } catch (MinioException e) {
      throw translate(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(
          ErrorCode.TEMPORARILY_UNAVAILABLE, "The artifact store is stopping", e);
    }
  }

  /** For what the SDK computes without asking the service. */
  MinioAsyncClient minio() {
    return minio;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    http.connectionPool().evictAll();
  }

  static MillraceException translate(Throwable thrown) {
    return switch (thrown) {
      case ErrorResponseException e -> {
        String s3Code = e.errorResponse().code();
        ErrorCode code =
            switch (s3Code == null ? "" : s3Code) {
              case "AccessDenied" -> ErrorCode.PERMISSION_DENIED;
              case "NoSuchBucket", "NoSuchKey", "NoSuchUpload" -> ErrorCode.RESOURCE_DOES_NOT_EXIST;
              case "InvalidAccessKeyId", "SignatureDoesNotMatch" -> ErrorCode.UNAUTHENTICATED;
              case "InvalidPart",
                  "InvalidPartOrder",
                  "EntityTooSmall",
                  "InvalidArgument",
                  "KeyTooLongError" ->
                  ErrorCode.INVALID_PARAMETER_VALUE;
              case "SlowDown", "ServiceUnavailable" -> ErrorCode.TEMPORARILY_UNAVAILABLE;
              default -> ErrorCode.INTERNAL_ERROR;
            };
        if (code == ErrorCode.INTERNAL_ERROR) {
          log.warn("S3 failed: {}", e.toString());
        }
        String message = e.errorResponse().message();
        yield new MillraceException(
            code,
            "The artifact store answered: %s".formatted(message == null ? s3Code : message),
            e);
      }
      case MinioException e when e.getCause() != null -> translate(e.getCause());
      case IOException e -> {
        log.warn("S3 is not reached: {}", e.toString());
        yield new MillraceException(
            ErrorCode.TEMPORARILY_UNAVAILABLE, "The artifact store does not answer", e);
      }
      case MillraceException e -> e;
      default -> {
        log.error("S3 call failed", thrown);
        yield new MillraceException(ErrorCode.INTERNAL_ERROR, "The artifact store failed", thrown);
      }
    };
  }
}
