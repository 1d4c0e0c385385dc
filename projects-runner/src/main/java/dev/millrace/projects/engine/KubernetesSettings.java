package dev.millrace.projects.engine;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How jobs run in Kubernetes.
 *
 * @param apiUrl of the API server; empty to take it from kubeconfig, or from the pod this runs in
 * @param context of kubeconfig; empty for its current one
 * @param namespace empty for the template's, or else the context's
 * @param installation tells the jobs of several installations in a namespace apart
 * @param template a Job as YAML to be filled; null for an empty one
 * @param fetchImage with {@code sh}, {@code curl} and {@code tar}: brings the code into the pod
 * @param gpuResource what graphics processors are called in the cluster
 * @param keep how long Kubernetes keeps a job that has ended
 * @param grace how long a command may take to end when it is told to, before it is killed
 * @param logMaxBytes how much of what a command prints is kept
 * @param logs the folder for logs
 * @param codes the folder for the code of jobs, from where pods fetch it
 */
public record KubernetesSettings(
    String apiUrl,
    String context,
    String namespace,
    String installation,
    @Nullable Path template,
    String fetchImage,
    String gpuResource,
    Duration keep,
    Duration grace,
    long logMaxBytes,
    Path logs,
    Path codes) {}
