package dev.millrace.projects;

import dev.millrace.projects.engine.KubernetesSettings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of projects-runner that count where its engine is {@code kubernetes}; the defaults stand
 * in {@code application-projects-runner.yml}.
 *
 * @param kubernetesApiUrl of the API server; empty to take it from kubeconfig, or from the pod that
 *     the runner is in
 * @param kubernetesContext of kubeconfig; empty for its current one
 * @param kubernetesNamespace where jobs run; empty for the template's, or else the context's
 * @param kubernetesInstallation tells the jobs of several installations in one namespace apart:
 *     lower-case letters, digits and {@code -}
 * @param kubernetesJobTemplate a file with a Job as YAML, as MLflow's {@code
 *     kube-job-template-path}; empty for none
 * @param kubernetesImage for projects without {@code docker_env}; empty to refuse these
 * @param kubernetesFetchImage with {@code sh}, {@code curl} and {@code tar}: brings the code into
 *     the pod
 * @param kubernetesGpuResource what graphics processors are called in the cluster
 * @param kubernetesKeepSeconds how long Kubernetes keeps a job that has ended
 */
@ConfigurationProperties("millrace.projects-runner")
public record KubernetesConfiguration(
    String kubernetesApiUrl,
    String kubernetesContext,
    String kubernetesNamespace,
    String kubernetesInstallation,
    String kubernetesJobTemplate,
    String kubernetesImage,
    String kubernetesFetchImage,
    String kubernetesGpuResource,
    int kubernetesKeepSeconds) {

  /**
   * @throws IllegalArgumentException if a setting is malformed
   */
  public KubernetesConfiguration {
    if (!kubernetesInstallation.matches("[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.kubernetes-installation has to be lower-case letters, digits"
              + " and -, not '%s'".formatted(kubernetesInstallation));
    }
    if (kubernetesKeepSeconds < 60) {
      throw new IllegalArgumentException(
          "millrace.projects-runner.kubernetes-keep-seconds has to be at least 60, not "
              + kubernetesKeepSeconds);
    }
  }

  /** For the engine, with what the other settings say. */
  KubernetesSettings settings(ProjectsConfiguration configuration) {
    return new KubernetesSettings(
        kubernetesApiUrl,
        kubernetesContext,
        kubernetesNamespace,
        kubernetesInstallation,
        kubernetesJobTemplate.isEmpty() ? null : Path.of(kubernetesJobTemplate),
        kubernetesFetchImage,
        kubernetesGpuResource,
        Duration.ofSeconds(kubernetesKeepSeconds),
        Duration.ofSeconds(configuration.cancelGraceSeconds()),
        configuration.logMaxBytes(),
        Path.of(configuration.workFolder()).toAbsolutePath().normalize().resolve("attempts"),
        Path.of(configuration.snapshotFolder()).toAbsolutePath().normalize().resolve("code"));
  }
}
