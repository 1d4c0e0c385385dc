package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.DeleteLoggedModelRequest;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.LoggedModelInfo;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionTag;
import dev.millrace.proto.RegisteredModelTag;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.SetRegisteredModelAliasRequest;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import dev.millrace.testing.Together;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What sources model versions may have: each answer was seen on mlflow 3.17.2. */
abstract class SourceContract extends RegistryContract {

  private static final String NO_MODEL = "m-" + "0".repeat(32);

  private static CreateModelVersionRequest.Builder from(String name, String source) {
    return CreateModelVersionRequest.newBuilder().setName(name).setSource(source);
  }

  private RunInfo newRun(String experimentId) {
    return runs.createRun(CreateRunRequest.newBuilder().setExperimentId(experimentId).build())
        .getRun()
        .getInfo();
  }

  private LoggedModelInfo newLoggedModel(String experimentId, String sourceRunId) {
    return loggedModels
        .createLoggedModel(
            CreateLoggedModelRequest.newBuilder()
                .setExperimentId(experimentId)
                .setSourceRunId(sourceRunId)
                .build())
        .getModel()
        .getInfo();
  }

  private String downloadUri(ModelVersion version) {
    return versions
        .getModelVersionDownloadUri(
            GetModelVersionDownloadUriRequest.newBuilder()
                .setName(version.getName())
                .setVersion(version.getVersion())
                .build())
        .getArtifactUri();
  }

  private String listOfVersions(String modelId) {
    return loggedModels
        .getLoggedModel(GetLoggedModelRequest.newBuilder().setModelId(modelId).build())
        .getModel()
        .getInfo()
        .getTagsList()
        .stream()
        .filter(tag -> tag.getKey().equals("mlflow.modelVersions"))
        .map(tag -> tag.getValue())
        .findFirst()
        .orElse("none");
  }

  private void assertRefused(String message, CreateModelVersionRequest.Builder request) {
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> create(request));
  }

  private void assertElsewhere(String parameter, CreateModelVersionRequest.Builder request) {
    assertRefused(
        "Invalid model version source: '%s'. The %s request parameter must identify the resource that contains the source."
            .formatted(request.getSource(), parameter),
        request);
  }

  private static String relative(String source) {
    return "Invalid model version source: '%s'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path."
        .formatted(source);
  }

  private static String local(String shown, String parameter) {
    return "Invalid model version source: '%s'. To use a local path as a model version source, the %s request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the %s."
        .formatted(shown, parameter, parameter);
  }

  @Test
  final void placesBeyondTheServerAreTaken() {
    String name = newModel();
    for (String source :
        List.of(
            "s3://b/x",
            "s3://b/a//b",
            "s3://b/x/",
            "s3:/b/x",
            "dbfs:/x",
            "gs://b/x",
            "wasbs://a@h/x",
            "foo://h/x",
            "s3://b/a%2e%2e",
            "s3://b/a+b",
            "s3://b/a.",
            "c:/x",
            "s3://b/a?..=1",
            "s3://b/a#../x",
            "s3://b/é",
            "s3://b/%ff",
            " s3://b/x",
            "s3://b/x\n",
            "s3\n://b/x",
            "s3://localhost/x")) {
      ModelVersion version = create(from(name, source));
      assertThat(version.getSource()).isEqualTo(source);
      assertThat(downloadUri(version)).isEqualTo(source);
    }
  }

  @Test
  final void pathsThatLeadElsewhereAreRefused() {
    String name = newModel();
    for (String source :
        List.of(
            "s3://b/../x",
            "s3://b/x/..",
            "s3://b",
            "s3://b/",
            "s3:b",
            "foo:x",
            "s3://b/%2e%2e/x",
            "s3://b/%252e%252e/x",
            "s3://b/a%00b",
            "s3://b/a/./b",
            "c:\\x",
            "s3://b/a?q=/../x",
            "databricks",
            "databricks://x",
            "mlflow-artifacts:x",
            "mlflow-artifacts:/../x",
            "runs:/",
            "runs:/r/../x",
            "s3://b/%" + "25".repeat(200) + "2e")) {
      assertRefused(relative(source), from(name, source));
    }
    for (String source : List.of("s3://[", "s3://[::1/x", "s3://b]/x")) {
      assertRefused(
          "Invalid model version source: '%s'. It is no URI.".formatted(source),
          from(name, source));
    }
    assertThat(history(name)).hasSize(1);
  }

  @Test
  final void hostsThatTheServerWouldTalkToAreRefused() {
    String name = newModel();
    for (String scheme : List.of("http", "https", "ftp", "sftp", "hdfs", "r2", "abfss")) {
      assertRefused(
          "'source' cannot use the '%s' scheme: the '%s' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it."
              .formatted(scheme, scheme),
          from(name, scheme.toUpperCase(Locale.ROOT) + "://host/x"));
    }
  }

  @Test
  final void filesOfTheServerBelongToTheirRun() {
    String name = newModel();
    String experiment =
        experiments
            .createExperiment(
                CreateExperimentRequest.newBuilder()
                    .setName(unique("local"))
                    .setArtifactLocation("/srv/my files")
                    .build())
            .getExperimentId();
    RunInfo run = newRun(experiment);
    String inside = run.getArtifactUri();
    for (String source :
        List.of(
            inside,
            inside + "/model",
            inside + "/a/../model/./x/",
            "file://" + inside + "/model",
            "file:" + inside.replace(" ", "%20"))) {
      assertThat(create(from(name, source).setRunId(run.getRunId())).getSource()).isEqualTo(source);
    }
    for (String[] source :
        new String[][] {
          {"/tmp/x", "/tmp/x"},
          {"file:///tmp/x", "/tmp/x"},
          {"file://localhost/x", "/x"},
          {inside + "/../x", inside.substring(0, inside.lastIndexOf('/')) + "/x"},
          {inside + "x", inside + "x"}
        }) {
      assertRefused(local(source[0], "run_id"), from(name, source[0]));
      assertRefused(local(source[1], "run_id"), from(name, source[0]).setRunId(run.getRunId()));
    }
    for (String source :
        List.of("x", "./x", "..", "~/x", "file:", ":x", "/x:y", "//h/x", "1s://x")) {
      assertRefused(local(source, "run_id"), from(name, source));
    }
    assertElsewhere("run_id", from(name, "/tmp/x").setRunId("nope"));
    assertElsewhere("model_id", from(name, "/tmp/x").setModelId("nope"));
    LoggedModelInfo model = newLoggedModel(newExperiment(), "");
    assertRefused(local("/tmp/x", "model_id"), from(name, "/tmp/x").setModelId(model.getModelId()));
    assertRefused(
        "file://host/x is not a valid remote uri. For remote access on windows, please consider"
            + " using a different scheme such as SMB (e.g. smb://<hostname>/<path>).",
        from(name, "file://host/x"));
  }

  @Test
  final void pathsOfARun() {
    String name = newModel();
    String run = newRun(newExperiment()).getRunId();
    for (String source : List.of("runs:/%s/model", "runs:/%s", "runs:///%s/m", "RUNS:/%s/a//b/")) {
      String uri = source.formatted(run);
      ModelVersion version = create(from(name, uri).setRunId(run));
      assertThat(version.getSource()).isEqualTo(uri);
      assertThat(version.getRunId()).isEqualTo(run);
      assertThat(downloadUri(version)).isEqualTo(uri);
    }
    // Nobody asks whether such a run exists.
    assertThat(create(from(name, "runs:/nope/x").setRunId("nope")).getRunId()).isEqualTo("nope");
    assertElsewhere("run_id", from(name, "runs:/" + run + "/model"));
    assertElsewhere("run_id", from(name, "runs:/x/y").setRunId(run));
    assertElsewhere("run_id", from(name, "runs://h/" + run + "/m").setRunId(run));
    assertElsewhere(
        "model_id",
        from(name, "runs:/" + run + "/m")
            .setRunId(run)
            .setModelId(newLoggedModel(newExperiment(), run).getModelId()));
  }

  @Test
  final void artifactsOfARun() {
    String name = newModel();
    RunInfo run = newRun(newExperiment());
    String root = run.getArtifactUri();
    for (String source : List.of(root, root + "/m", root + "/%6d", root.replace("/0", "/%30"))) {
      assertThat(create(from(name, source).setRunId(run.getRunId())).getSource()).isEqualTo(source);
    }
    assertElsewhere("run_id", from(name, root + "/m"));
    assertElsewhere("run_id", from(name, root + "/m").setRunId("nope"));
    assertElsewhere("run_id", from(name, root + "x").setRunId(run.getRunId()));
    assertElsewhere("run_id", from(name, root + "/m").setRunId(newRun(newExperiment()).getRunId()));
  }

  @Test
  final void artifactsOfALoggedModel() {
    String name = newModel();
    String experiment = newExperiment();
    String run = newRun(experiment).getRunId();
    LoggedModelInfo model = newLoggedModel(experiment, run);
    String id = model.getModelId();
    String root = model.getArtifactUri();
    ModelVersion version = create(from(name, root + "/a").setModelId(id));
    assertThat(version.getRunId()).isEqualTo(run);
    assertThat(version.hasModelId()).isFalse();
    assertThat(create(from(name, root).setModelId(id).setRunId("zzz")).getRunId()).isEqualTo("zzz");
    assertThat(create(from(name, "s3://b/x").setModelId(id)).getRunId()).isEqualTo(run);
    assertThat(listOfVersions(id))
        .isEqualTo(
            "[{\"name\": \"%1$s\", \"version\": 1}, {\"name\": \"%1$s\", \"version\": 2}, {\"name\": \"%1$s\", \"version\": 3}]"
                .formatted(name));
    assertElsewhere("run_id", from(name, root).setRunId(run));
    assertElsewhere("model_id", from(name, root).setModelId("nope"));
    assertElsewhere(
        "model_id", from(name, root).setModelId(newLoggedModel(experiment, "").getModelId()));
  }

  @Test
  final void loggedModelsById() {
    String name = newModel();
    String experiment = newExperiment();
    String run = newRun(experiment).getRunId();
    LoggedModelInfo model = newLoggedModel(experiment, run);
    String uri = "models:/" + model.getModelId();
    ModelVersion version = create(from(name, uri).setModelId(model.getModelId()));
    assertThat(version.getSource()).isEqualTo(uri);
    assertThat(version.getRunId()).isEqualTo(run);
    assertThat(downloadUri(version)).isEqualTo(model.getArtifactUri());
    assertThat(listOfVersions(model.getModelId()))
        .isEqualTo("[{\"name\": \"%s\", \"version\": 1}]".formatted(name));
    assertElsewhere("model_id", from(name, uri));
    assertElsewhere("model_id", from(name, uri).setRunId(run));
    assertElsewhere("model_id", from(name, uri + "/").setModelId(model.getModelId()));
    assertElsewhere(
        "model_id", from(name, uri).setModelId(newLoggedModel(experiment, "").getModelId()));
  }

  @Test
  final void loggedModelsThatAreNotThereStoreNothing() {
    String name = newModel();
    String deleted = newLoggedModel(newExperiment(), "").getModelId();
    loggedModels.deleteLoggedModel(
        DeleteLoggedModelRequest.newBuilder().setModelId(deleted).build());
    for (String id : List.of(NO_MODEL, deleted)) {
      String missing = "Logged model with ID '%s' not found.".formatted(id);
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          missing,
          () -> create(from(name, "s3://b/x").setModelId(id)));
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          missing,
          () -> create(from(name, "s3://b/x").setModelId(id).setRunId("r")));
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          "Unable to fetch model from model URI source artifact location 'models:/%s'.Error: %s"
              .formatted(id, missing),
          () -> create(from(name, "models:/" + id).setModelId(id)));
      assertFails(
          ErrorCode.RESOURCE_DOES_NOT_EXIST,
          "Registered Model with name=no model not found",
          () -> create(from("no model", "s3://b/x").setModelId(id).setRunId("r")));
    }
    assertThat(history(name)).hasSize(1);
  }

  @Test
  final void concurrentVersionsOfOneLoggedModelAreAllListed() {
    String id = newLoggedModel(newExperiment(), "").getModelId();
    String name = newModel();
    Together.run(32, _ -> create(from(name, "models:/" + id).setModelId(id)));
    String list = listOfVersions(id);
    for (int version = 1; version <= 32; version++) {
      assertThat(list)
          .containsOnlyOnce("{\"name\": \"%s\", \"version\": %d}".formatted(name, version));
    }
  }

  @Test
  final void otherVersionsAreFollowed() {
    String origin = newModel();
    create(from(origin, "s3://b/one").setRunId("r1"));
    create(from(origin, "s3://b/two"));
    models.setRegisteredModelAlias(
        SetRegisteredModelAliasRequest.newBuilder()
            .setName(origin)
            .setAlias("ch")
            .setVersion("1")
            .build());
    versions.transitionModelVersionStage(
        TransitionModelVersionStageRequest.newBuilder()
            .setName(origin)
            .setVersion("1")
            .setStage("Production")
            .build());
    String name = newModel();
    for (String uri :
        List.of(
            "models:/%s/1",
            "models:/%s/01",
            "models:///%s/1",
            "MODELS:/%s/1",
            " models:/%s/1",
            "models:/%s/1?a=b",
            "models:/%s/production",
            "models:/%s@ch")) {
      ModelVersion copy = create(from(name, uri.formatted(origin)));
      assertThat(copy.getSource()).isEqualTo("models:/" + origin + "/1");
      assertThat(copy.getRunId()).isEqualTo("r1");
      assertThat(downloadUri(copy)).isEqualTo("s3://b/one");
    }
    for (String uri :
        List.of("models:/%s/2", "models:/%s/LATEST", "models:/%s@latest", "models:/%s/None")) {
      ModelVersion copy = create(from(name, uri.formatted(origin)));
      assertThat(copy.getSource()).isEqualTo("models:/" + origin + "/2");
      assertThat(copy.getRunId()).isEmpty();
      assertThat(downloadUri(copy)).isEqualTo("s3://b/two");
    }
    assertThat(downloadUri(create(from(name, "models:/" + name + "/1")))).isEqualTo("s3://b/one");
  }

  @Test
  final void otherVersionsMustFit() {
    String origin = newModel();
    create(from(origin, "s3://b/one").setRunId("r1"));
    String uri = "models:/" + origin + "/1";
    String name = newModel();
    String mismatch =
        "Invalid model version source: '%s'. The run_id and model_id request parameters must match the referenced model version."
            .formatted(uri);
    create(from(name, uri).setRunId("r1").setModelId(""));
    assertRefused(mismatch, from(name, uri).setRunId("r2"));
    assertRefused(mismatch, from(name, uri).setRunId(""));
    assertRefused(mismatch, from(name, uri).setModelId(NO_MODEL));
    assertElsewhere("model_id", from(name, "models:/" + origin));
    for (String bad :
        List.of("models:/a/1/x", "models:/", "models:", "models:/a/ ", "models:/a@")) {
      assertElsewhere("model_id", from(name, bad));
    }
    assertRefused(
        "Invalid model version source: 'models://h/a/1'. Registered model sources must use the"
            + " active model registry.",
        from(name, "models://h/a/1"));
    assertRefused("Missing value for required parameter 'name'.", from(name, "models:/@ch"));
    assertRefused(
        "Registered model alias nope not found.", from(name, "models:/" + origin + "@nope"));
    assertRefused(
        "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and"
            + " dashes (-).",
        from(name, "models:/" + origin + "@a b"));
    assertRefused(
        "Invalid Model Version stage: 1#f. Value must be one of None, Staging, Production,"
            + " Archived.",
        from(name, uri + "#f"));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Model Version (name=%s, version=3) not found".formatted(origin),
        () -> create(from(name, "models:/" + origin + "/3")));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Registered Model with name=a@b not found",
        () -> create(from(name, "models:/a@b@c")));
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No versions of model with name '%s' and stage 'Staging' found".formatted(origin),
        () -> create(from(name, "models:/" + origin + "/Staging")));
    String unused = newModel();
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "No versions of model with name '%s' found".formatted(unused),
        () -> create(from(name, "models:/" + unused + "/latest")));
  }

  @Test
  final void promptsHaveNoArtifacts() {
    String prompt = unique("prompt");
    models.createRegisteredModel(
        CreateRegisteredModelRequest.newBuilder()
            .setName(prompt)
            .addTags(
                RegisteredModelTag.newBuilder().setKey("mlflow.prompt.is_prompt").setValue("true"))
            .build());
    ModelVersionTag tag =
        ModelVersionTag.newBuilder().setKey("mlflow.prompt.is_prompt").setValue("true").build();
    create(from(prompt, "dummy-source").addTags(tag).setRunId("rr"));
    create(from(prompt, "prompt-template").addTags(tag));
    assertRefused(
        "Invalid prompt source: 'http://h/x'. Prompt sources must use an MLflow placeholder.",
        from(prompt, "http://h/x").addTags(tag));
    assertRefused(local("dummy-source", "run_id"), from(prompt, "dummy-source"));
    assertRefused(
        "Invalid model version source: 'models:/%s/1'. Prompt versions cannot be used as model version sources."
            .formatted(prompt),
        from(newModel(), "models:/" + prompt + "/1"));
    LoggedModelInfo model = newLoggedModel(newExperiment(), "a".repeat(32));
    ModelVersion version =
        create(from(prompt, "dummy-source").addTags(tag).setModelId(model.getModelId()));
    assertThat(version.getRunId()).isEqualTo("a".repeat(32));
    assertThat(listOfVersions(model.getModelId())).isEqualTo("none");
  }
}
