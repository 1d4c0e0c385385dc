package dev.millrace.registry;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import dev.millrace.registry.ModelVersionStore.Extent;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of model versions, but for their creation ({@link Registrations}): those of mlflow
 * 3.17.2 {@code handlers.py} and {@code sqlalchemy_store.py} of the registry.
 */
final class ModelVersions {

  private static final Limit DESCRIPTION = new Limit("description", Limit.TEXT);

  private final Database database;
  private final ModelVersionStore store;
  private final RegisteredModelStore models;
  private final Changes changes;

  ModelVersions(
      Database database, ModelVersionStore store, RegisteredModelStore models, Changes changes) {
    this.database = database;
    this.store = store;
    this.models = models;
    this.changes = changes;
  }

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  ModelVersionRow get(String name, String version) {
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    return database.read(tx -> require(find(tx, Extent.COMPLETE, name, number), name, number));
  }

  /**
   * Where the artifacts of a version are.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  String storageLocation(String name, String version) {
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    return database
        .read(tx -> require(find(tx, Extent.ROW, name, number), name, number))
        .storageLocation();
  }

  /**
   * The version that an alias names; {@code latest} always names the highest.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE, also if there is no such alias;
   *     RESOURCE_DOES_NOT_EXIST
   */
  ModelVersionRow getByAlias(String name, String alias) {
    Names.checkModel(name);
    Names.checkAlias(alias);
    return database.read(
        tx -> {
          if (Names.isLatest(alias)) {
            RegisteredModelRow model = RegisteredModels.require(models.find(tx, name), name);
            ModelVersionRow latest = aliased(store, tx, model, alias);
            return store.withAliases(tx, List.of(latest)).getFirst();
          }
          ModelVersionRow version = store.findByAlias(tx, Extent.COMPLETE, name, alias);
          if (version == null) {
            RegisteredModels.require(models.find(tx, name), name);
            throw noAlias(alias);
          }
          return version;
        });
  }

  /**
   * The version of a model that an alias names, alone or with tags.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is no such alias;
   *     RESOURCE_DOES_NOT_EXIST if it is {@code latest} and there are no versions
   */
  static ModelVersionRow aliased(
      ModelVersionStore store, Tx tx, RegisteredModelRow model, String alias) throws SQLException {
    Names.checkAlias(alias);
    if (Names.isLatest(alias)) {
      List<ModelVersionRow> latest = latest(store, tx, model);
      if (latest.isEmpty()) {
        throw MillraceException.notFound(
            "Latest version not found for model %s.".formatted(model.name()));
      }
      return latest.getLast();
    }
    ModelVersionRow found = store.findByAlias(tx, Extent.ROW, model.modelNo(), alias);
    if (found == null) {
      throw noAlias(alias);
    }
    return found;
  }

  private static MillraceException noAlias(String alias) {
    return MillraceException.invalidParameter(
        "Registered model alias %s not found.".formatted(alias));
  }

  /**
   * The highest version of each of some stages, by version.
   *
   * @param stages empty for all
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  List<ModelVersionRow> latest(String name, List<String> stages) {
    Names.checkModel(name);
    return database.read(
        tx -> {
          RegisteredModelRow model = RegisteredModels.require(models.find(tx, name), name);
          Set<Stage> wanted = EnumSet.noneOf(Stage.class);
          stages.forEach(stage -> wanted.add(Stage.parse(stage)));
          List<ModelVersionRow> latest = new ArrayList<>();
          for (ModelVersionRow version : latest(store, tx, model)) {
            if (wanted.isEmpty() || wanted.contains(version.stage())) {
              latest.add(version);
            }
          }
          return store.withAliases(tx, latest);
        });
  }

  /**
   * A page of the versions that fulfil a filter, without their aliases, as MLflow shows them, in
   * parts: the last has the token.
   *
   * @param maxResults from 1
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Iterator<Page<ModelVersionRow>> search(
      String filter, long maxResults, List<String> orderBy, String pageToken) {
    if (maxResults < 1) {
      throw MillraceException.invalidParameter(
          "Invalid value for max_results. It must be a positive integer, but got " + maxResults);
    }
    ModelVersionQuery query = ModelVersionQuery.parse(filter, orderBy);
    return Searches.page(
        database,
        new Searches.Request("model versions", orderBy, maxResults, pageToken),
        ModelVersionSearch.sql(query, database.dialect()),
        ModelVersionStore::read,
        store::withTags);
  }

  /**
   * Changes the description.
   *
   * @param description null for none
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  ModelVersionRow update(String name, String version, @Nullable String description) {
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    if (description != null) {
      DESCRIPTION.check(description);
    }
    return database.transaction(
        tx -> {
          ModelVersionRow row = lock(tx, name, number);
          long now = System.currentTimeMillis();
          store.setDescription(tx, row.versionNo(), description, now);
          changes.record(
              tx,
              row.modelNo(),
              now,
              new Change.VersionUpdated(name, row.version(), row.description(), description));
          return reload(tx, row);
        });
  }

  /**
   * Moves a version to another stage.
   *
   * @param archiveOthers whether the versions that are in that stage are archived; only for those
   *     stages that are active
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  ModelVersionRow move(String name, String version, String stageText, boolean archiveOthers) {
    Stage stage = Stage.parse(stageText);
    if (archiveOthers && !stage.isActive()) {
      throw MillraceException.invalidParameter(
          ("Model version transition cannot archive existing model versions because '%s' is not an"
                  + " Active stage. Valid stages are ['Staging', 'Production']")
              .formatted(stageText));
    }
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    return database.transaction(
        tx -> {
          ModelVersionRow row = lock(tx, name, number);
          long now = System.currentTimeMillis();
          if (archiveOthers) {
            archiveOthers(tx, row, stage, now);
          }
          store.setStage(tx, row.versionNo(), stage, now);
          models.touch(tx, row.modelNo(), now);
          changes.record(
              tx,
              row.modelNo(),
              now,
              new Change.StageChanged(name, row.version(), row.stage().text(), stage.text()));
          return reload(tx, row);
        });
  }

  private void archiveOthers(Tx tx, ModelVersionRow version, Stage stage, long now)
      throws SQLException {
    String user = Caller.current().user();
    List<Changes.Made> archived = new ArrayList<>();
    for (int other : store.versionsIn(tx, version.modelNo(), stage)) {
      if (other != version.version()) {
        Change change =
            new Change.StageChanged(version.name(), other, stage.text(), Stage.ARCHIVED.text());
        archived.add(new Changes.Made(version.modelNo(), user, change));
      }
    }
    if (!archived.isEmpty()) {
      store.moveOthers(tx, version.modelNo(), version.version(), stage, Stage.ARCHIVED, now);
      changes.recordAll(tx, now, archived);
    }
  }

  /**
   * Deletes a version with its tags and aliases. Its number is not given out again.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void delete(String name, String version) {
    BigInteger number = Names.parseVersion(version);
    Names.checkModel(name);
    database.change(
        tx -> {
          ModelVersionRow row = lock(tx, name, number);
          long now = System.currentTimeMillis();
          models.deleteAliases(tx, row.modelNo(), row.version());
          store.delete(tx, row.versionNo());
          models.touch(tx, row.modelNo(), now);
          changes.record(tx, row.modelNo(), now, new Change.VersionDeleted(name, row.version()));
        });
  }

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void setTag(String name, String version, TagRow tag) {
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    Names.checkVersionTag(tag);
    database.change(
        tx -> {
          ModelVersionRow row = lock(tx, name, number);
          String before = store.tag(tx, row.versionNo(), tag.key());
          store.setTag(tx, row.versionNo(), tag);
          changes.record(
              tx,
              row.modelNo(),
              System.currentTimeMillis(),
              new Change.VersionTagSet(
                  name, row.version(), tag.key(), before, tag.value(), isPrompt(tx, row)));
        });
  }

  /**
   * Deletes a tag, if it is there.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void deleteTag(String name, String version, String key) {
    Names.checkModel(name);
    BigInteger number = Names.parseVersion(version);
    Names.checkTagKey(key);
    database.change(
        tx -> {
          ModelVersionRow row = lock(tx, name, number);
          String before = store.tag(tx, row.versionNo(), key);
          store.deleteTag(tx, row.versionNo(), key);
          changes.record(
              tx,
              row.modelNo(),
              System.currentTimeMillis(),
              new Change.VersionTagDeleted(name, row.version(), key, before, isPrompt(tx, row)));
        });
  }

  /** The version, or the error that there is none. */
  static ModelVersionRow require(
      @Nullable ModelVersionRow version, String name, BigInteger number) {
    if (version == null) {
      throw MillraceException.notFound(
          "Model Version (name=%s, version=%d) not found".formatted(name, number));
    }
    return version;
  }

  /** A version of a model; null also for a number that no version can have. */
  static @Nullable ModelVersionRow find(
      ModelVersionStore store, Tx tx, long modelNo, BigInteger number) throws SQLException {
    return isPossible(number) ? store.find(tx, Extent.ROW, modelNo, number.intValue()) : null;
  }

  /** The highest version of each stage of a model, by version, with tags. */
  static List<ModelVersionRow> latest(ModelVersionStore store, Tx tx, RegisteredModelRow model)
      throws SQLException {
    return store.latest(tx, List.of(model.modelNo())).getOrDefault(model.modelNo(), List.of());
  }

  private @Nullable ModelVersionRow find(Tx tx, Extent extent, String name, BigInteger number)
      throws SQLException {
    return isPossible(number) ? store.find(tx, extent, name, number.intValue()) : null;
  }

  private static boolean isPossible(BigInteger number) {
    return number.bitLength() < Integer.SIZE;
  }

  /** The version of a model that nobody else changes until this transaction ends. */
  private ModelVersionRow lock(Tx tx, String name, BigInteger number) throws SQLException {
    RegisteredModelRow model = models.lock(tx, name);
    return require(model == null ? null : find(store, tx, model.modelNo(), number), name, number);
  }

  private ModelVersionRow reload(Tx tx, ModelVersionRow version) throws SQLException {
    return require(
        store.find(tx, Extent.COMPLETE, version.modelNo(), version.version()),
        version.name(),
        BigInteger.valueOf(version.version()));
  }

  private boolean isPrompt(Tx tx, ModelVersionRow version) throws SQLException {
    return Prompts.isPrompt(models.tag(tx, version.modelNo(), Prompts.IS_PROMPT));
  }
}
