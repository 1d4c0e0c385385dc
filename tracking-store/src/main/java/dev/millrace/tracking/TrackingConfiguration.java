package dev.millrace.tracking;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Settings of tracking-store; the defaults stand in {@code application-tracking-store.yml}.
 *
 * @param databaseUrl {@code postgresql://user:password@host:port/database} or {@code
 *     h2:/path/to/file}
 * @param listen where the services listen: {@code in-process:NAME} or {@code HOST:PORT}
 * @param maxConnections the most database connections in use at once
 * @param defaultArtifactRoot the URI below which experiments without a location of their own keep
 *     their artifacts
 */
@ConfigurationProperties("millrace.tracking-store")
public record TrackingConfiguration(
    String databaseUrl, String listen, int maxConnections, String defaultArtifactRoot) {

  /** Without the database's password: safe to print. */
  @Override
  public String toString() {
    return "TrackingConfiguration[listen=%s, maxConnections=%d, defaultArtifactRoot=%s]"
        .formatted(listen, maxConnections, defaultArtifactRoot);
  }
}
