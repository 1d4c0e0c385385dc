package dev.millrace.projects;

import dev.millrace.projects.source.ParameterFiles;
import dev.millrace.projects.source.SourceLimits;
import io.grpc.Channel;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/**
 * Settings of projects-runner for what parameters of the type {@code path} name; the defaults stand
 * in {@code application-projects-runner.yml}.
 *
 * @param artifactStore where artifact-store is: {@code in-process:NAME} or {@code HOST:PORT}
 * @param registryService where registry-service is, likewise
 * @param downloadSchemes by which files may be downloaded from hosts, comma-separated: {@code
 *     https}, {@code http}; empty for none
 * @param downloadHosts from which they may, comma-separated; {@code *} for any, {@code
 *     *.example.com} for those below
 * @param downloadAllowPrivateHosts whether hosts need not be on the public internet
 * @param downloadMaxBytes the most that is downloaded for one job, in bytes
 * @param downloadTimeoutSeconds how long that may take
 * @param downloadRetries how often each file, and a project's Git repository, is asked for again
 *     where its host does not answer or says that it cannot now: with pauses of 1, 2, 4 seconds and
 *     so on up to 30
 */
@ConfigurationProperties("millrace.projects-runner")
public record DownloadConfiguration(
    String artifactStore,
    String registryService,
    String downloadSchemes,
    String downloadHosts,
    boolean downloadAllowPrivateHosts,
    long downloadMaxBytes,
    int downloadTimeoutSeconds,
    int downloadRetries) {

  private static final int MAX_FILES = 100_000;

  /**
   * @throws IllegalArgumentException if a setting is malformed
   */
  public DownloadConfiguration {
    if (downloadMaxBytes < 1 || downloadTimeoutSeconds < 1) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.download-max-bytes and download-timeout-seconds have to be at"
              + " least 1");
    }
    if (downloadRetries < 0) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.download-retries has to be at least 0");
    }
  }

  /** What downloads them. */
  ParameterFiles files(Channel artifacts, Channel registry) {
    return new ParameterFiles(
        artifacts,
        registry,
        downloadSchemes,
        downloadHosts,
        downloadAllowPrivateHosts,
        new SourceLimits(downloadMaxBytes, MAX_FILES, Duration.ofSeconds(downloadTimeoutSeconds)));
  }
}
