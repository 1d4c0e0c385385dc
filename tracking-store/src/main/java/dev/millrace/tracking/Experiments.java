package dev.millrace.tracking;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.ExperimentTag;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of experiments. */
final class Experiments {

  private final Database database;
  private final ExperimentStore store;
  private final String defaultArtifactRoot;

  Experiments(Database database, ExperimentStore store, String defaultArtifactRoot) {
    this.database = database;
    this.store = store;
    this.defaultArtifactRoot = defaultArtifactRoot;
  }

  /** Creates experiment 0, which clients use when they name none, in a new database. */
  void ensureDefault() {
    String location = ArtifactUri.append(defaultArtifactRoot, "0");
    database.transaction(tx -> store.insertDefault(tx, location, System.currentTimeMillis()));
  }

  /**
   * Creates an experiment and returns its id.
   *
   * @param artifactLocation empty for one below the default artifact root
   * @throws MillraceException RESOURCE_ALREADY_EXISTS if the name is taken, also by a deleted one
   */
  long create(String name, String artifactLocation, List<ExperimentTag> tags) {
    Map<String, String> values = new LinkedHashMap<>();
    tags.forEach(tag -> values.put(tag.getKey(), tag.getValue()));
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
    return database.read(
        tx -> {
          ExperimentRow row = store.find(tx, id);
          if (row == null) {
            throw noSuchExperiment(id);
          }
          return withTags(tx, row);
        });
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
   * Reads an experiment id.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no integer
   */
  static long parseId(String experimentId) {
    try {
      return Long.parseLong(experimentId.strip());
    } catch (NumberFormatException e) {
      throw MillraceException.invalidParameter(
          "Invalid experiment ID '%s'. Experiment ID must be a valid integer."
              .formatted(experimentId));
    }
  }

  static MillraceException noSuchExperiment(long id) {
    return MillraceException.notFound("No Experiment with id=%d exists".formatted(id));
  }

  /** Refuses a change of what is in a deleted experiment, or of none. */
  static ExperimentRow requireActive(@Nullable ExperimentRow row, long id) {
    if (row == null) {
      throw noSuchExperiment(id);
    }
    if (row.lifecycleStage() != LifecycleStage.ACTIVE) {
      throw MillraceException.invalidParameter(
          "The experiment %d must be in the 'active' state. Current state is %s."
              .formatted(id, row.lifecycleStage().text()));
    }
    return row;
  }

  private long insert(Tx tx, String name, String artifactLocation) throws SQLException {
    try {
      return store.insert(tx, name, artifactLocation, System.currentTimeMillis());
    } catch (SQLException e) {
      if (Database.isConstraintViolation(e)) {
        throw MillraceException.alreadyExists(
            "Experiment(name=%s) already exists.".formatted(name));
      }
      throw e;
    }
  }

  private ExperimentRow withTags(Tx tx, ExperimentRow row) throws SQLException {
    Map<String, String> tags =
        store.tags(tx, List.of(row.experimentId())).getOrDefault(row.experimentId(), Map.of());
    return new ExperimentRow(
        row.experimentId(),
        row.name(),
        row.artifactLocation(),
        row.lifecycleStage(),
        row.creationTime(),
        row.lastUpdateTime(),
        tags);
  }
}
