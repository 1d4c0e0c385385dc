package dev.millrace.artifact;

import io.micronaut.context.annotation.ConfigurationProperties;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The settings of artifact-store; defaults are in {@code application-artifact-store.yml}.
 *
 * @param location a directory, or {@code s3://bucket/prefix}
 * @param listen where to serve, as {@code in-process:NAME} or {@code HOST:PORT}
 * @param trackingStore where the tracking store serves, which knows where runs keep their artifacts
 * @param s3Endpoint the URL of the S3 service; empty means Amazon's
 * @param s3Region empty: as the service says
 * @param s3AccessKey with {@code s3SecretKey}; without them, what the standard AWS environment
 *     variables, files or instance roles give
 */
@ConfigurationProperties("millrace.artifact-store")
public record ArtifactStoreConfiguration(
    String location,
    String listen,
    String trackingStore,
    @Nullable String s3Endpoint,
    @Nullable String s3Region,
    @Nullable String s3AccessKey,
    @Nullable String s3SecretKey) {

  private static final String AMAZON = "https://s3.amazonaws.com";

  String endpoint() {
    return given(s3Endpoint).orElse(AMAZON);
  }

  Optional<String> region() {
    return given(s3Region);
  }

  boolean hasCredentials() {
    return given(s3AccessKey).isPresent() && given(s3SecretKey).isPresent();
  }

  private static Optional<String> given(@Nullable String setting) {
    return Optional.ofNullable(setting).filter(text -> !text.isBlank());
  }
}
