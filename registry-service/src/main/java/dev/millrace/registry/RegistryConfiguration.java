package dev.millrace.registry;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Settings of registry-service; the defaults stand in {@code application-registry-service.yml}.
 *
 * @param databaseUrl {@code postgresql://user:password@host:port/database} or {@code
 *     h2:/path/to/file}
 * @param listen where the services listen: {@code in-process:NAME} or {@code HOST:PORT}
 * @param trackingStore where tracking-store is, likewise; it knows the runs and logged models that
 *     versions come from
 * @param maxConnections the most database connections in use at once
 * @param defaultArtifactRoot tracking-store's setting of this name: on its host, sources of
 *     versions may be
 * @param allowedArtifactSchemes comma-separated schemes ({@code hdfs}, {@code http}, …) with which
 *     sources of versions may name any host
 * @param sourcePattern a Java regular expression that must be found in the source of every new
 *     version; empty for none
 */
@ConfigurationProperties("millrace.registry-service")
public record RegistryConfiguration(
    String databaseUrl,
    String listen,
    String trackingStore,
    int maxConnections,
    String defaultArtifactRoot,
    String allowedArtifactSchemes,
    String sourcePattern) {

  /** Without the database's password: safe to print. */
  @Override
  public String toString() {
    return ("RegistryConfiguration[listen=%s, trackingStore=%s, maxConnections=%d,"
            + " defaultArtifactRoot=%s, allowedArtifactSchemes=%s, sourcePattern=%s]")
        .formatted(
            listen,
            trackingStore,
            maxConnections,
            defaultArtifactRoot,
            allowedArtifactSchemes,
            sourcePattern);
  }
}
