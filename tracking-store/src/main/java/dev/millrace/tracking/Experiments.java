package dev.millrace.tracking;

import dev.millrace.platform.check.KeyName;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.PageParts;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.ViewType;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of experiments: those of mlflow 3.17.2 {@code handlers.py}, {@code sqlalchemy_store.py}
 * and {@code utils/validation.py}.
 */
final class Experiments {

  private static final Limit NAME = new Limit("name", 500);
  private static final Limit TAG_KEY = new Limit("key", KeyName.MAX_CHARACTERS);
  private static final Limit TAG_VALUE = new Limit("value", 20_000);
  private static final String VIEW_TAG = "mlflow.customView.view";
  private static final int MAX_VIEWS = 50;

  // What Python's int() reads.
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\p{Nd}+(_\\p{Nd}+)*");

  private final Database database;
  private final ExperimentStore store;
  private final RunStore runs;
  private final String defaultArtifactRoot;

  Experiments(Database database, ExperimentStore store, RunStore runs, String defaultArtifactRoot) {
    this.database = database;
    this.store = store;
    this.runs = runs;
    this.defaultArtifactRoot = defaultArtifactRoot;
  }

  /** Creates experiment 0, which clients use when they name none, in a new database. */
  void ensureDefault() {
    String location = ArtifactUri.append(defaultArtifactRoot, "0");
    database.change(tx -> store.insertDefault(tx, location, System.currentTimeMillis()));
  }

  /**
   * Creates an experiment and returns its id.
   *
   * @param artifactLocation empty for one below the default artifact root
   * @throws MillraceException RESOURCE_ALREADY_EXISTS if the name is taken, also by a deleted one,
   *     or a tag comes twice; INVALID_PARAMETER_VALUE if something is not allowed
   */
  long create(String name, String artifactLocation, List<PairRow> tags) {
    if (tags.stream().filter(tag -> isView(tag.key())).count() > MAX_VIEWS) {
      throw tooManyViews("");
    }
    if (!artifactLocation.isEmpty()) {
      ArtifactUri.check(artifactLocation, "artifact_location", defaultArtifactRoot);
    }
    NAME.check(name);
    Map<String, String> values = new LinkedHashMap<>();
    for (PairRow tag : tags) {
      check(tag);
      if (values.put(tag.key(), tag.value()) != null) {
        // MLflow takes any broken constraint for a taken name.
        throw alreadyExists(name);
      }
    }
    return database.transaction(
        tx -> {
          long id = insert(tx, name, artifactLocation);
          if (artifactLocation.isEmpty()) {
            store.setArtifactLocation(
                tx, id, ArtifactUri.append(defaultArtifactRoot, Long.toString(id)));
          }
          if (!values.isEmpty()) {
            store.insertTags(tx, id, values);
          }
          return id;
        });
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  ExperimentRow get(String experimentId) {
    long id = parseId(experimentId);
    return database.read(tx -> withTags(tx, require(store.find(tx, id), id)));
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST
   */
  ExperimentRow getByName(String name) {
    return database.read(
        tx -> {
          ExperimentRow row = store.findByName(tx, name);
          if (row == null) {
            throw MillraceException.notFound(
                "Could not find experiment with name '%s'".formatted(name));
          }
          return withTags(tx, row);
        });
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_STATE if the experiment is deleted;
   *     BAD_REQUEST if the name is taken
   */
  void rename(String experimentId, String name) {
    NAME.check(name);
    long id = parseId(experimentId);
    database.change(
        tx -> {
          ExperimentRow row = require(store.findToKeep(tx, id), id);
          if (row.lifecycleStage() != LifecycleStage.ACTIVE) {
            throw new MillraceException(
                ErrorCode.INVALID_STATE, "Cannot rename a non-active experiment.");
          }
          try {
            store.rename(tx, id, name, System.currentTimeMillis());
          } catch (SQLException e) {
            if (Database.isConstraintViolation(e)) {
              throw new MillraceException(
                  ErrorCode.BAD_REQUEST, "Experiment(name=%s) already exists.".formatted(name));
            }
            throw e;
          }
        });
  }

  /**
   * Moves an active experiment and its runs to the bin.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST, also if it is there already
   */
  void delete(String experimentId) {
    move(experimentId, LifecycleStage.ACTIVE, LifecycleStage.DELETED);
  }

  /**
   * Takes a deleted experiment and all its runs out of the bin.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST, also if it is active
   */
  void restore(String experimentId) {
    move(experimentId, LifecycleStage.DELETED, LifecycleStage.ACTIVE);
  }

  private void move(String experimentId, LifecycleStage from, LifecycleStage to) {
    long id = parseId(experimentId);
    database.change(
        tx -> {
          long now = System.currentTimeMillis();
          if (!store.move(tx, id, from, to, now)) {
            throw noSuchExperiment(id);
          }
          runs.moveAll(tx, id, to, now);
        });
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE if the tag is not
   *     allowed or the experiment is deleted
   */
  void setTag(String experimentId, PairRow tag) {
    if (!isView(tag.key())) {
      check(tag);
    }
    long id = parseId(experimentId);
    database.transaction(
        tx -> {
          ExperimentRow row = require(store.findToKeep(tx, id), id);
          if (isView(tag.key())) {
            checkViews(tx, id, tag.key());
            check(tag);
          }
          requireActive(row, id);
          store.setTag(tx, id, tag.key(), tag.value());
          return true;
        });
  }

  /**
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is no such experiment or tag;
   *     INVALID_PARAMETER_VALUE if the experiment is deleted
   */
  void deleteTag(String experimentId, String key) {
    long id = parseId(experimentId);
    database.change(
        tx -> {
          requireActive(store.find(tx, id), id);
          if (!store.deleteTag(tx, id, key)) {
            throw MillraceException.notFound(
                "No tag with name: %s in experiment with id %s".formatted(key, experimentId));
          }
        });
  }

  /**
   * A page of the experiments that fulfil a filter, in parts: the last has the token.
   *
   * @param maxResults 1 to {@value Searches#MAX_RESULTS}
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Iterator<Page<ExperimentRow>> search(
      String filter, ViewType view, long maxResults, List<String> orderBy, String pageToken) {
    Searches.checkMaxResults(maxResults);
    ExperimentQuery query = ExperimentQuery.parse(filter, orderBy);
    PageQuery sql = query.sql(database.dialect(), Searches.stage(view));
    return new PageParts<>(
        database,
        sql,
        PageToken.fingerprint("experiments", orderBy),
        pageToken,
        maxResults,
        row -> ExperimentStore.read(row, Map.of()),
        store::withTags);
  }

  /**
   * Reads an experiment id.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no integer; RESOURCE_DOES_NOT_EXIST
   *     if it is one that no experiment can have
   */
  static long parseId(String experimentId) {
    String text = experimentId.strip();
    if (!INTEGER.matcher(text).matches()) {
      throw MillraceException.invalidParameter(
          "Invalid experiment ID '%s'. Experiment ID must be a valid integer."
              .formatted(experimentId));
    }
    BigInteger id = new BigInteger(text.replace("_", ""));
    if (id.bitLength() >= Long.SIZE) {
      throw noSuchExperiment(id);
    }
    return id.longValue();
  }

  private static MillraceException noSuchExperiment(Number id) {
    return MillraceException.notFound("No Experiment with id=%d exists".formatted(id));
  }

  private static ExperimentRow require(@Nullable ExperimentRow row, long id) {
    if (row == null) {
      throw noSuchExperiment(id);
    }
    return row;
  }

  /** Refuses a change of what is in a deleted experiment, or of none. */
  static ExperimentRow requireActive(@Nullable ExperimentRow found, long id) {
    ExperimentRow row = require(found, id);
    if (row.lifecycleStage() != LifecycleStage.ACTIVE) {
      throw MillraceException.invalidParameter(
          "The experiment %d must be in the 'active' state. Current state is %s."
              .formatted(id, row.lifecycleStage().text()));
    }
    return row;
  }

  private static void check(PairRow tag) {
    KeyName.check(tag.key(), "key");
    TAG_KEY.check(tag.key());
    TAG_VALUE.check(tag.value());
    TraceArchival.check(tag.key(), tag.value());
  }

  private static boolean isView(String key) {
    return key.startsWith(VIEW_TAG);
  }

  /** Refuses one view too many; those there are can be changed. */
  private void checkViews(Tx tx, long id, String key) throws SQLException {
    Map<String, String> tags = tags(tx, id);
    if (!tags.containsKey(key)
        && tags.keySet().stream().filter(Experiments::isView).count() >= MAX_VIEWS) {
      throw tooManyViews(" for experiment " + id);
    }
  }

  private static MillraceException tooManyViews(String where) {
    return MillraceException.invalidParameter(
        ("Unable to create another custom view%s; the maximum number of custom views per experiment"
                + " is %d. Delete an existing custom view before creating a new one.")
            .formatted(where, MAX_VIEWS));
  }

  private static MillraceException alreadyExists(String name) {
    return MillraceException.alreadyExists("Experiment(name=%s) already exists.".formatted(name));
  }

  private long insert(Tx tx, String name, String artifactLocation) throws SQLException {
    try {
      return store.insert(tx, name, artifactLocation, System.currentTimeMillis());
    } catch (SQLException e) {
      if (Database.isConstraintViolation(e)) {
        throw alreadyExists(name);
      }
      throw e;
    }
  }

  private Map<String, String> tags(Tx tx, long id) throws SQLException {
    return store.tags(tx, List.of(id)).getOrDefault(id, Map.of());
  }

  private ExperimentRow withTags(Tx tx, ExperimentRow row) throws SQLException {
    return row.with(tags(tx, row.experimentId()));
  }
}
