package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against fabric8's API server for tests; what the Job controller and kubelets do, the test does.
 */
@EnableKubernetesMockClient(crud = true)
@Timeout(60)
@SuppressWarnings("NullAway.Init") // By the extension.
final class KubernetesEngineTest {

  private static final String NAME = "0123456789abcdef0123456789abcdef-2";
  private static final String OBJECT = "millrace-" + NAME;

  KubernetesMockServer server;
  KubernetesClient client;

  @TempDir Path folder;

  private Path code;

  @BeforeEach
  void makeCode() throws IOException {
    code = Files.createDirectory(folder.resolve("code"));
    Files.writeString(code.resolve("main.py"), "print(1)");
  }

  private KubernetesSettings settings(@Nullable Path template, String installation) {
    return new KubernetesSettings(
        "",
        "",
        "jobs",
        installation,
        template,
        "curl:1",
        "nvidia.com/gpu",
        Duration.ofHours(1),
        Duration.ofSeconds(7),
        10_000,
        folder.resolve("logs-" + installation),
        folder.resolve("codes-" + installation));
  }

  private KubernetesEngine engine() {
    return KubernetesEngine.of(client, settings(null, "millrace"));
  }

  private Launch launch() {
    return new Launch(
        NAME,
        List.of("bash", "-c", "python main.py --data '" + code + "/x.csv'"),
        code,
        Map.of("MLFLOW_RUN_ID", "r", Launch.TOKEN, "secret"),
        "python:3",
        List.of(),
        "http://gateway/code",
        new Resources(0.5, 1L << 30, 2),
        600L);
  }

  private Job job() {
    return Objects.requireNonNull(found());
  }

  private @Nullable Job found() {
    return client.batch().v1().jobs().inNamespace("jobs").withName(OBJECT).get();
  }

  private Secret secret() {
    return client.secrets().inNamespace("jobs").withName(OBJECT).get();
  }

  /** What the controller writes when a Job has ended. */
  private void finish(String condition) {
    client
        .batch()
        .v1()
        .jobs()
        .resource(
            new JobBuilder(job())
                .withNewStatus()
                .addNewCondition()
                .withType(condition)
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build())
        .updateStatus();
  }

  private PodBuilder pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("pod-1")
        .withNamespace("jobs")
        .addToLabels("millrace.dev/attempt", NAME)
        .endMetadata();
  }

  private void exited(int exitCode) {
    var _ =
        client
            .pods()
            .resource(
                pod()
                    .withNewStatus()
                    .addNewContainerStatus()
                    .withName("project")
                    .withNewState()
                    .withNewTerminated()
                    .withExitCode(exitCode)
                    .endTerminated()
                    .endState()
                    .endContainerStatus()
                    .endStatus()
                    .build())
            .create();
  }

  private void prints(String text) {
    String log = "/api/v1/namespaces/jobs/pods/pod-1/log?pretty=false&container=project";
    for (String since : List.of("", "&sinceTime=2026-11-26T01:00:01Z")) {
      server
          .expect()
          .get()
          .withPath(log + since + "&timestamps=true")
          .andReturn(200, text)
          .always();
    }
  }

  @Test
  void aJobIsMadeOfTheLaunch() throws Exception {
    engine().start(launch());
    Job job = job();
    assertThat(job.getSpec().getBackoffLimit()).isZero();
    assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(3600);
    assertThat(job.getSpec().getActiveDeadlineSeconds()).isEqualTo(900);
    assertThat(job.getMetadata().getLabels())
        .containsEntry("millrace.dev/attempt", NAME)
        .containsEntry("millrace.dev/installation", "millrace");
    PodSpec pod = job.getSpec().getTemplate().getSpec();
    assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
        .containsEntry("millrace.dev/attempt", NAME);
    assertThat(pod.getRestartPolicy()).isEqualTo("Never");
    assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(7);
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    Container project = pod.getContainers().getFirst();
    assertThat(project.getImage()).isEqualTo("python:3");
    assertThat(project.getWorkingDir()).isEqualTo("/mlflow/projects/code");
    assertThat(project.getCommand())
        .containsExactly("bash", "-c", "python main.py --data '/mlflow/projects/code/x.csv'");
    assertThat(project.getEnv()).extracting(EnvVar::getName).contains("MLFLOW_RUN_ID");
    EnvVar token =
        project.getEnv().stream()
            .filter(variable -> variable.getName().equals(Launch.TOKEN))
            .findFirst()
            .orElseThrow();
    assertThat(token.getValue()).isNull();
    assertThat(token.getValueFrom().getSecretKeyRef().getName()).isEqualTo(OBJECT);
    assertThat(secret().getData()).containsEntry(Launch.TOKEN, "c2VjcmV0");
    assertThat(project.getResources().getRequests())
        .containsEntry("cpu", new Quantity("0.5"))
        .containsEntry("memory", new Quantity("1073741824"));
    assertThat(project.getResources().getLimits())
        .containsEntry("memory", new Quantity("1073741824"))
        .containsEntry("nvidia.com/gpu", new Quantity("2"));
    Container fetch = pod.getInitContainers().getFirst();
    assertThat(fetch.getImage()).isEqualTo("curl:1");
    assertThat(fetch.getEnv())
        .anyMatch(variable -> "http://gateway/code".equals(variable.getValue()));
    assertThat(engine().code(NAME)).isRegularFile();
    assertThat(engine().status(NAME)).isEqualTo(new Status.Running());
  }

  @Test
  void whatTheTemplateSaysStays() throws Exception {
    Path template = folder.resolve("job.yaml");
    Files.writeString(
        template,
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: "{replaced with MLflow Project name}"
          namespace: mlflow
          labels: {team: blue}
        spec:
          ttlSecondsAfterFinished: 100
          backoffLimit: 3
          template:
            spec:
              serviceAccountName: trainer
              nodeSelector: {gpu: "yes"}
              containers:
                - name: "{replaced with MLflow Project name}"
                  image: "{replaced with URI of Docker image created during Project execution}"
                  command: ["{replaced with MLflow Project entry point command}"]
                  env: [{name: FROM_TEMPLATE, value: "1"}]
                  resources: {limits: {memory: 512Mi, cpu: "4"}}
                - name: sidecar
                  image: other:1
              restartPolicy: OnFailure
        """);
    KubernetesEngine engine = KubernetesEngine.of(client, settings(template, "millrace"));
    engine.start(launch());
    Job job = client.batch().v1().jobs().inNamespace("mlflow").withName(OBJECT).get();
    assertThat(job.getMetadata().getLabels()).containsEntry("team", "blue");
    assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(100);
    assertThat(job.getSpec().getBackoffLimit()).isZero();
    PodSpec pod = job.getSpec().getTemplate().getSpec();
    assertThat(pod.getServiceAccountName()).isEqualTo("trainer");
    assertThat(pod.getNodeSelector()).containsEntry("gpu", "yes");
    assertThat(pod.getRestartPolicy()).isEqualTo("Never");
    assertThat(pod.getContainers())
        .extracting(Container::getImage)
        .containsExactly("python:3", "other:1");
    Container project = pod.getContainers().getFirst();
    assertThat(project.getEnv())
        .extracting(EnvVar::getName)
        .containsExactly("FROM_TEMPLATE", "MLFLOW_RUN_ID", Launch.TOKEN);
    assertThat(project.getResources().getLimits())
        .containsEntry("cpu", new Quantity("4"))
        .containsEntry("memory", new Quantity("1073741824"));
  }

  @Test
  void aTemplateThatIsNoJobIsRefused() throws Exception {
    Path template = folder.resolve("pod.yaml");
    Files.writeString(template, "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n");
    assertThatThrownBy(() -> KubernetesEngine.of(client, settings(template, "millrace")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pod.yaml");
  }

  @Test
  void startedAgainAfterACrashItIsTheSameJob() throws Exception {
    engine().start(launch());
    String uid = job().getMetadata().getUid();
    engine().start(launch());
    assertThat(job().getMetadata().getUid()).isEqualTo(uid);
    assertThat(engine().bar(NAME)).isEqualTo(new Status.Running());
    assertThat(engine().names()).containsExactly(NAME);
  }

  @Test
  void aNameThatIsBarredIsNeverStarted() throws Exception {
    assertThat(engine().bar(NAME)).isEqualTo(new Status.NotStarted());
    assertThat(job().getSpec().getSuspend()).isTrue();
    assertThatThrownBy(() -> engine().start(launch())).hasMessageContaining("given up");
    assertThat(engine().status(NAME)).isEqualTo(new Status.NotStarted());
    assertThat(job().getSpec().getSuspend()).isTrue();
    engine().forget(NAME);
    assertThat(engine().names()).isEmpty();
  }

  @Test
  void aJobThatSomebodyDeletedWasStartedAllTheSame() throws Exception {
    engine().start(launch());
    var _ = client.batch().v1().jobs().inNamespace("jobs").withName(OBJECT).delete();
    assertThat(engine().status(NAME)).isEqualTo(new Status.Ended(null));
    assertThat(engine().bar(NAME)).isEqualTo(new Status.Ended(null));
    assertThat(found()).isNull();
  }

  @Test
  void itsEndIsThatOfItsContainer() throws Exception {
    engine().start(launch());
    exited(3);
    prints("2026-11-26T01:00:00Z hello\n2026-11-26T01:00:01Z bye\n");
    finish("Failed");
    KubernetesEngine engine = engine();
    assertThat(engine.status(NAME)).isEqualTo(new Status.Ended(3));
    assertThat(engine.log(NAME, 0, 1000).text()).isEqualTo("hello\nbye\n");
    engine.end(NAME);
    assertThat(secret().getData()).isNullOrEmpty();
    assertThat(engine.code(NAME)).doesNotExist();
    // Whoever takes it over now learns the same.
    assertThat(engine().bar(NAME)).isEqualTo(new Status.Ended(3));
  }

  @Test
  void aLogThatCannotBeReadKeepsNoJobFromEnding() throws Exception {
    engine().start(launch());
    exited(3);
    server
        .expect()
        .get()
        .withPath(
            "/api/v1/namespaces/jobs/pods/pod-1/log?pretty=false&container=project&timestamps=true")
        .andReturn(404, "gone with its node")
        .always();
    finish("Failed");
    KubernetesEngine engine = engine();
    for (int i = 1; i < 10; i++) {
      assertThatThrownBy(() -> engine.status(NAME)).isInstanceOf(EngineUnavailableException.class);
    }
    assertThat(engine.status(NAME)).isEqualTo(new Status.Ended(3));
    assertThat(engine.log(NAME, 0, 1000).text())
        .isEqualTo("[millrace: the log cannot be read to its end]\n");
  }

  @Test
  void aJobThatIsCompleteHasSucceeded() throws Exception {
    engine().start(launch());
    finish("Complete");
    assertThat(engine().status(NAME)).isEqualTo(new Status.Ended(0));
  }

  @Test
  void endedItIsGoneAndNotStartedAgain() throws Exception {
    engine().start(launch());
    engine().note(NAME, "[prepared]");
    engine().end(NAME);
    assertThat(found()).isNull();
    assertThat(secret().getData()).isNullOrEmpty();
    assertThat(engine().bar(NAME)).isEqualTo(new Status.Ended(null));
    assertThat(engine().log(NAME, 0, 1000).text()).isEqualTo("[prepared]\n");
    engine().forget(NAME);
    assertThat(engine().names()).isEmpty();
    assertThat(engine().log(NAME, 0, 1000).text()).isEmpty();
  }

  @Test
  void whatKeepsAPodFromRunningIsInTheLog() throws Exception {
    engine().start(launch());
    var _ =
        client
            .pods()
            .resource(
                pod()
                    .withNewStatus()
                    .addNewContainerStatus()
                    .withName("project")
                    .withNewState()
                    .withNewWaiting()
                    .withReason("ImagePullBackOff")
                    .withMessage("no such image")
                    .endWaiting()
                    .endState()
                    .endContainerStatus()
                    .endStatus()
                    .build())
            .create();
    KubernetesEngine engine = engine();
    assertThat(engine.status(NAME)).isEqualTo(new Status.Running());
    assertThat(engine.log(NAME, 0, 1000).text())
        .isEqualTo("[millrace: container project: ImagePullBackOff: no such image]\n");
  }

  @Test
  void installationsInOneNamespaceKeepApart() throws Exception {
    KubernetesEngine other = KubernetesEngine.of(client, settings(null, "other"));
    engine().start(launch());
    assertThat(other.names()).isEmpty();
    assertThat(engine().site()).isEqualTo(engine().site()).isNotEqualTo(other.site());
  }

  @Test
  void anApiThatDoesNotAnswerSaysNothing() throws Exception {
    KubernetesClient impatient =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(client.getConfiguration())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
    try (KubernetesEngine engine = KubernetesEngine.of(impatient, settings(null, "millrace"))) {
      engine.start(launch());
      server.shutdown();
      assertThatThrownBy(() -> engine.bar(NAME)).isInstanceOf(EngineUnavailableException.class);
      assertThatThrownBy(() -> engine.start(launch()))
          .isInstanceOf(EngineUnavailableException.class);
    }
  }
}
