package dev.millrace.registry;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.check.Uri;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.LoggedModelInfo;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How model versions come to be: the rules of mlflow 3.17.2 {@code handlers.py},
 * _create_model_version, and {@code sqlalchemy_store.py} of the registry.
 *
 * <p>Everything that can be refused is refused before anything is stored. The version is stored
 * first; then its logged model is told ({@link TrackingClient#link}).
 */
final class Registrations {

  private static final Limit SOURCE = new Limit("source", Limit.TEXT);
  private static final Limit RUN_LINK = new Limit("run_link", Limit.TEXT);
  private static final Limit DESCRIPTION = new Limit("description", Limit.TEXT);
  // Indexed, and indexes of PostgreSQL hold no text of any length.
  private static final Limit RUN_ID = new Limit("run_id", 500);

  private final Database database;
  private final ModelVersionStore store;
  private final RegisteredModelStore models;
  private final VersionWriter writer;
  private final TrackingClient tracking;
  private final SourcePolicy policy;

  Registrations(
      Database database,
      ModelVersionStore store,
      RegisteredModelStore models,
      VersionWriter writer,
      TrackingClient tracking,
      SourcePolicy policy) {
    this.database = database;
    this.store = store;
    this.models = models;
    this.writer = writer;
    this.tracking = tracking;
    this.policy = policy;
  }

  /**
   * Where a version comes from.
   *
   * @param location where its artifacts are; null if only its logged model knows
   * @param runId empty for none
   */
  private record Origin(String source, @Nullable String location, String runId) {}

  /** A logged model, asked for at most once. */
  private final class LoggedModel {
    private final String id;
    private @Nullable LoggedModelInfo info;

    LoggedModel(String id) {
      this.id = id;
    }

    boolean isNamed() {
      return !id.isEmpty();
    }

    LoggedModelInfo info() {
      if (info == null) {
        info = tracking.loggedModel(id);
      }
      return info;
    }

    String root() {
      return info().getArtifactUri();
    }
  }

  /**
   * Creates the next version of a model. Concurrent callers get consecutive numbers.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if something is not allowed;
   *     RESOURCE_DOES_NOT_EXIST if there is no such model, or what the source names is not there;
   *     TEMPORARILY_UNAVAILABLE if the tracking store is needed and does not answer
   */
  ModelVersionRow create(CreateModelVersionRequest request) {
    List<TagRow> tags =
        request.getTagsList().stream()
            .map(tag -> new TagRow(tag.getKey(), tag.getValue()))
            .toList();
    Map<String, String> values = Names.byKey(tags);
    boolean isPrompt = Prompts.isPrompt(values);
    LoggedModel loggedModel = new LoggedModel(request.getModelId());
    Origin origin = origin(request, isPrompt, loggedModel);
    String name = request.getName();
    Names.checkModel(name);
    tags.forEach(Names::checkVersionTag);
    SOURCE.check(origin.source);
    RUN_ID.check(origin.runId);
    RUN_LINK.check(request.getRunLink());
    DESCRIPTION.check(request.getDescription());
    String location = location(origin, loggedModel);
    String runId =
        origin.runId.isEmpty() && loggedModel.isNamed()
            ? loggedModel.info().getSourceRunId()
            : origin.runId;
    if (!isPrompt && loggedModel.isNamed()) {
      requireLoggedModel(name, loggedModel);
    }
    ModelVersionRow version =
        writer.write(
            new NewVersion(
                name,
                Caller.current().user(),
                request.getDescription(),
                origin.source,
                location,
                runId,
                request.getRunLink(),
                values,
                isPrompt));
    if (!isPrompt && loggedModel.isNamed()) {
      tracking.link(loggedModel.id, name, version.version());
    }
    return version;
  }

  /** Checks the source, and follows it if it names a version of a registered model. */
  private Origin origin(
      CreateModelVersionRequest request, boolean isPrompt, LoggedModel loggedModel) {
    String source = request.getSource();
    policy.checkPattern(source);
    if (isPrompt && !Prompts.SOURCES.contains(source)) {
      throw MillraceException.invalidParameter(
          "Invalid prompt source: '%s'. Prompt sources must use an MLflow placeholder."
              .formatted(source));
    }
    policy.hosts().check(source, "source");
    if (isPrompt) {
      return new Origin(source, source, request.getRunId());
    }
    Origin origin = followed(request);
    if (loggedModel.isNamed()) {
      Sources.checkModel(origin.source, loggedModel.id, loggedModel::root);
    } else {
      String runId = origin.runId;
      Sources.checkRun(origin.source, runId, () -> tracking.runRoot(runId));
    }
    return origin;
  }

  private Origin followed(CreateModelVersionRequest request) {
    String source = request.getSource();
    Uri uri = Uri.parse(source);
    if (!uri.scheme().equals("models")) {
      return new Origin(source, source, request.getRunId());
    }
    if (!uri.authority().isEmpty()) {
      throw MillraceException.invalidParameter(
          "Invalid model version source: '%s'. Registered model sources must use the active model registry."
              .formatted(source));
    }
    ModelUri named = ModelUri.parse(source);
    if (named == null) {
      throw Sources.elsewhere(source, "model_id");
    }
    if (named.modelId() != null) {
      return new Origin(source, null, request.getRunId());
    }
    ModelVersionRow version = database.read(tx -> resolve(tx, source, named));
    String runId = Objects.requireNonNullElse(version.runId(), "");
    // Versions do not keep their model_id, so that none matches.
    if ((request.hasRunId() && !request.getRunId().equals(runId))
        || !request.getModelId().isEmpty()) {
      throw MillraceException.invalidParameter(
          "Invalid model version source: '%s'. The run_id and model_id request parameters must match the referenced model version."
              .formatted(source));
    }
    return new Origin(
        "models:/%s/%d".formatted(version.name(), version.version()),
        version.storageLocation(),
        runId);
  }

  private ModelVersionRow resolve(Tx tx, String source, ModelUri uri) throws SQLException {
    String name = Objects.requireNonNullElse(uri.name(), "");
    Names.checkModel(name);
    RegisteredModelRow model = RegisteredModels.require(models.find(tx, name), name);
    if (Prompts.isPrompt(models.tag(tx, model.modelNo(), Prompts.IS_PROMPT))) {
      throw MillraceException.invalidParameter(
          "Invalid model version source: '%s'. Prompt versions cannot be used as model version sources."
              .formatted(source));
    }
    if (uri.version() != null) {
      BigInteger number = Names.parseVersion(uri.version());
      return ModelVersions.require(
          ModelVersions.find(store, tx, model.modelNo(), number), name, number);
    }
    if (uri.alias() != null) {
      return ModelVersions.aliased(store, tx, model, uri.alias());
    }
    Stage stage = uri.stage() == null ? null : Stage.parse(uri.stage());
    ModelVersionRow latest = null;
    for (ModelVersionRow version : ModelVersions.latest(store, tx, model)) {
      // In their order, so that the last one is the highest.
      latest = stage == null || version.stage() == stage ? version : latest;
    }
    if (latest == null) {
      throw MillraceException.notFound(
          "No versions of model with name '%s'%s found"
              .formatted(name, stage == null ? "" : " and stage '%s'".formatted(uri.stage())));
    }
    return latest;
  }

  private static String location(Origin origin, LoggedModel loggedModel) {
    if (origin.location != null) {
      return origin.location;
    }
    try {
      return loggedModel.root();
    } catch (MillraceException e) {
      throw new MillraceException(
          e.code(),
          "Unable to fetch model from model URI source artifact location '%s'.Error: %s"
              .formatted(origin.source, e.text()),
          e);
    }
  }

  /** Of two things that are not there, the answer names the registered model. */
  private void requireLoggedModel(String name, LoggedModel loggedModel) {
    try {
      loggedModel.info();
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.RESOURCE_DOES_NOT_EXIST) {
        database.read(tx -> RegisteredModels.require(models.find(tx, name), name));
      }
      throw e;
    }
  }
}
