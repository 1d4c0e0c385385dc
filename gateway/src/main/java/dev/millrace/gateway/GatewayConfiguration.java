package dev.millrace.gateway;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Settings of the gateway; the defaults stand in {@code application-gateway.yml}.
 *
 * @param host the address to listen on
 * @param port the TCP port to listen on; 0 takes a free one
 * @param trackingStore where tracking-store is: {@code in-process:NAME} or {@code HOST:PORT}
 * @param artifactStore where artifact-store is, likewise
 * @param registryService where registry-service is, likewise
 * @param projectsRunner where projects-runner is, likewise
 * @param allowedHosts comma-separated values of the Host header that are answered, {@code *}
 *     standing for any text; empty allows local and private addresses
 * @param corsAllowedOrigins comma-separated origins whose pages may use the APIs, {@code *} as
 *     above; empty allows local ones
 * @param ui the folder of a build of MLflow's web UI, the one with {@code index.html}; empty for a
 *     page of Millrace's own instead
 * @param maxRequests how many requests are answered at a time; more are told to come back (429)
 * @param maxBodyBytes the largest JSON body taken, in bytes; artifacts are not limited
 * @param maxBodiesBytes bytes of all JSON bodies from 64 KiB on that are read or worked on at a
 *     time, or 0 for a thirty-second part of the largest heap; more are told to come back (429)
 */
@ConfigurationProperties("millrace.gateway")
public record GatewayConfiguration(
    String host,
    int port,
    String trackingStore,
    String artifactStore,
    String registryService,
    String projectsRunner,
    String allowedHosts,
    String corsAllowedOrigins,
    String ui,
    int maxRequests,
    int maxBodyBytes,
    long maxBodiesBytes) {}
