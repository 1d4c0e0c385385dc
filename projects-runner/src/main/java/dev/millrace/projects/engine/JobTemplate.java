package dev.millrace.projects.engine;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Job that attempts are made of, as mlflow 3.17.2 {@code projects/kubernetes.py} fills its
 * {@code kube-job-template-path}: name, image, command and environment of the first container are
 * Millrace's, all else stays as it was written.
 */
final class JobTemplate {

  /** The first container. */
  static final String CONTAINER = "project";

  /** The container that fetches the code. */
  static final String FETCH = "millrace-fetch";

  private static final String VOLUME = "millrace-code";

  /** How much later than the runner Kubernetes ends a job that takes too long, in seconds. */
  private static final long DEADLINE_MARGIN = 300;

  private static final String FETCH_SCRIPT =
      """
      set -eu
      curl -fsSL --retry 10 --retry-connrefused --retry-delay 2 \
      -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" -o /tmp/code.tar.gz "$MILLRACE_CODE_URL"
      tar -xzf /tmp/code.tar.gz -C "$0"
      chmod -R a+rwX "$0"/* 2>/dev/null || true
      """;

  private final Job template;
  private final KubernetesSettings settings;

  private JobTemplate(Job template, KubernetesSettings settings) {
    this.template = template;
    this.settings = settings;
  }

  /**
   * Reads the template that the settings name.
   *
   * @throws IllegalArgumentException if it is no Job
   */
  static JobTemplate read(KubernetesSettings settings) {
    Path file = settings.template();
    if (file == null) {
      return new JobTemplate(new JobBuilder().build(), settings);
    }
    try {
      Job job = Serialization.unmarshal(Files.readString(file), Job.class);
      if (job == null || !"Job".equals(job.getKind())) {
        throw new IllegalArgumentException("The job template %s is no Job".formatted(file));
      }
      return new JobTemplate(job, settings);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "The job template %s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The namespace it names; null if none. */
  @Nullable String namespace() {
    return template.getMetadata() == null ? null : template.getMetadata().getNamespace();
  }

  /**
   * The Job of an attempt.
   *
   * @param secret has the token
   */
  Job fill(
      String name, String namespace, Map<String, String> labels, String secret, Launch launch) {
    JobSpec given = template.getSpec();
    PodTemplateSpec pod =
        given == null || given.getTemplate() == null ? new PodTemplateSpec() : given.getTemplate();
    PodTemplateSpec filled =
        new PodTemplateSpecBuilder(pod)
            .editOrNewMetadata()
            .addToLabels(labels)
            .endMetadata()
            .withSpec(spec(pod.getSpec(), secret, launch))
            .build();
    Integer ttl = given == null ? null : given.getTtlSecondsAfterFinished();
    Long timeout = launch.timeoutSeconds();
    return new JobBuilder(template)
        .editOrNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .addToLabels(labels)
        .endMetadata()
        .editOrNewSpec()
        .withSuspend(false)
        .withParallelism(1)
        .withCompletions(1)
        // To try again is the queue's business.
        .withBackoffLimit(0)
        .withTtlSecondsAfterFinished(
            ttl == null ? Math.toIntExact(settings.keep().toSeconds()) : ttl)
        .withActiveDeadlineSeconds(
            timeout == null
                ? given == null ? null : given.getActiveDeadlineSeconds()
                : Long.valueOf(timeout + DEADLINE_MARGIN))
        .withTemplate(filled)
        .endSpec()
        .build();
  }

  /** A Job that never runs, and keeps its name from being used. */
  static Job barred(String name, String namespace, Map<String, String> labels, String image) {
    return new JobBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withSuspend(true)
        .withBackoffLimit(0)
        .withNewTemplate()
        .withNewSpec()
        .withRestartPolicy("Never")
        .addNewContainer()
        .withName(CONTAINER)
        .withImage(image)
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private PodSpec spec(@Nullable PodSpec given, String secret, Launch launch) {
    PodSpec spec = given == null ? new PodSpec() : given;
    List<Container> containers = new ArrayList<>(spec.getContainers());
    Container first = containers.isEmpty() ? new Container() : containers.removeFirst();
    containers.addFirst(project(first, secret, launch));
    PodSpecBuilder builder =
        new PodSpecBuilder(spec)
            .withRestartPolicy("Never")
            .withContainers(containers)
            .addToInitContainers(fetch(secret, launch))
            .addNewVolume()
            .withName(VOLUME)
            .withNewEmptyDir()
            .endEmptyDir()
            .endVolume();
    if (spec.getTerminationGracePeriodSeconds() == null) {
      builder.withTerminationGracePeriodSeconds(Math.max(1, settings.grace().toSeconds()));
    }
    if (spec.getAutomountServiceAccountToken() == null) {
      // A project's code has no business with the cluster.
      builder.withAutomountServiceAccountToken(false);
    }
    return builder.build();
  }

  private Container project(Container given, String secret, Launch launch) {
    return new ContainerBuilder(given)
        .withName(CONTAINER)
        .withImage(launch.requiredImage())
        .withCommand(launch.commandInContainer())
        .withArgs(List.of())
        .withWorkingDir(Launch.CODE)
        .addAllToEnv(variables(secret, launch.environment()))
        .withResources(resources(given.getResources(), launch.resources()))
        .addNewVolumeMount()
        .withName(VOLUME)
        .withMountPath(Launch.CODE)
        .endVolumeMount()
        .build();
  }

  private Container fetch(String secret, Launch launch) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("MILLRACE_CODE_URL", Objects.requireNonNullElse(launch.codeUrl(), ""));
    environment.put(Launch.TOKEN, "");
    return new ContainerBuilder()
        .withName(FETCH)
        .withImage(settings.fetchImage())
        .withCommand("sh", "-c", FETCH_SCRIPT, Launch.CODE)
        .withEnv(variables(secret, environment))
        .addNewVolumeMount()
        .withName(VOLUME)
        .withMountPath(Launch.CODE)
        .endVolumeMount()
        .build();
  }

  private static List<EnvVar> variables(String secret, Map<String, String> environment) {
    List<EnvVar> variables = new ArrayList<>();
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              EnvVarBuilder variable = new EnvVarBuilder().withName(name);
              variables.add(
                  name.equals(Launch.TOKEN)
                      ? variable
                          .withNewValueFrom()
                          .withNewSecretKeyRef(Launch.TOKEN, secret, false)
                          .endValueFrom()
                          .build()
                      : variable.withValue(value).build());
            });
    return variables;
  }

  private ResourceRequirements resources(@Nullable ResourceRequirements given, Resources needed) {
    Map<String, Quantity> requests = new HashMap<>();
    Map<String, Quantity> limits = new HashMap<>();
    if (needed.cpus() != null) {
      requests.put("cpu", new Quantity(decimal(needed.cpus())));
    }
    if (needed.memoryBytes() != null) {
      Quantity memory = new Quantity(Long.toString(needed.memoryBytes()));
      requests.put("memory", memory);
      limits.put("memory", memory);
    }
    if (needed.gpus() != null && needed.gpus() > 0) {
      limits.put(settings.gpuResource(), new Quantity(Integer.toString(needed.gpus())));
    }
    return new ResourceRequirementsBuilder(given == null ? new ResourceRequirements() : given)
        .addToRequests(requests)
        .addToLimits(limits)
        .build();
  }

  private static String decimal(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
