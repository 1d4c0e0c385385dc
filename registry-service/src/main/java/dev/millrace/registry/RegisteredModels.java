package dev.millrace.registry;

import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.platform.search.Page;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of registered models, their tags and aliases: those of mlflow 3.17.2 {@code
 * handlers.py} and {@code sqlalchemy_store.py} of the registry.
 */
final class RegisteredModels {

  private static final Limit DESCRIPTION = new Limit("description", Limit.TEXT);

  private final Database database;
  private final RegisteredModelStore store;
  private final ModelVersionStore versions;
  private final Changes changes;

  RegisteredModels(
      Database database, RegisteredModelStore store, ModelVersionStore versions, Changes changes) {
    this.database = database;
    this.store = store;
    this.versions = versions;
    this.changes = changes;
  }

  /**
   * Creates a model.
   *
   * @param tags of two with one key the later wins
   * @throws MillraceException INVALID_PARAMETER_VALUE if something is not allowed;
   *     RESOURCE_ALREADY_EXISTS if the name is taken
   */
  RegisteredModelRow create(String name, List<TagRow> tags, String description) {
    Names.checkNewModel(name);
    tags.forEach(Names::checkModelTag);
    DESCRIPTION.check(description);
    Map<String, String> values = Names.byKey(tags);
    return database.transaction(
        tx -> {
          RegisteredModelRow existing = store.find(tx, name);
          if (existing != null) {
            throw taken(name, store.tag(tx, existing.modelNo(), Prompts.IS_PROMPT) != null, values);
          }
          long now = System.currentTimeMillis();
          long modelNo = insert(tx, name, description, values, now);
          changes.record(
              tx, modelNo, now, new Change.ModelCreated(name, values, nullIfEmpty(description)));
          return new RegisteredModelRow(
              modelNo, name, description, now, now, 0, values, Map.of(), List.of());
        });
  }

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  RegisteredModelRow get(String name) {
    Names.checkModel(name);
    return database.read(tx -> complete(tx, require(store.find(tx, name), name)));
  }

  /**
   * A page of the models that fulfil a filter, in parts: the last has the token.
   *
   * @param maxResults from 0
   * @param pageToken empty for the first page
   * @throws MillraceException INVALID_PARAMETER_VALUE naming the first parameter that is wrong
   */
  Iterator<Page<RegisteredModelRow>> search(
      String filter, long maxResults, List<String> orderBy, String pageToken) {
    if (maxResults < 0) {
      throw MillraceException.invalidParameter(
          "Invalid value for max_results. It must not be negative, but got " + maxResults);
    }
    RegisteredModelQuery query = RegisteredModelQuery.parse(filter, orderBy);
    return Searches.page(
        database,
        new Searches.Request("registered models", orderBy, maxResults, pageToken),
        query.sql(database.dialect()),
        RegisteredModelStore::read,
        store::complete);
  }

  /**
   * Changes the description.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  RegisteredModelRow update(String name, String description) {
    Names.checkModel(name);
    DESCRIPTION.check(description);
    return database.transaction(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          long now = System.currentTimeMillis();
          store.setDescription(tx, model.modelNo(), description, now);
          changes.record(
              tx,
              model.modelNo(),
              now,
              new Change.ModelUpdated(name, model.description(), description));
          return complete(tx, require(store.find(tx, name), name));
        });
  }

  /**
   * Renames a model, and with it its versions.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST;
   *     RESOURCE_ALREADY_EXISTS if the name is another model's
   */
  RegisteredModelRow rename(String name, String newName) {
    Names.checkNewName(newName);
    Names.checkModel(name);
    return database.transaction(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          long now = System.currentTimeMillis();
          try {
            store.rename(tx, model.modelNo(), newName, now);
          } catch (SQLException e) {
            if (Database.isConstraintViolation(e)) {
              throw MillraceException.alreadyExists(
                  "Registered Model (name=%s) already exists.".formatted(newName));
            }
            throw e;
          }
          changes.record(tx, model.modelNo(), now, new Change.ModelRenamed(name, newName));
          return complete(tx, require(store.find(tx, newName), newName));
        });
  }

  /**
   * Deletes a model with its versions, tags and aliases.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void delete(String name) {
    Names.checkModel(name);
    database.change(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          store.delete(tx, model.modelNo());
          changes.record(
              tx, model.modelNo(), System.currentTimeMillis(), new Change.ModelDeleted(name));
        });
  }

  /**
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void setTag(String name, TagRow tag) {
    Names.checkModel(name);
    Names.checkModelTag(tag);
    database.change(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          String before = store.tag(tx, model.modelNo(), tag.key());
          store.setTag(tx, model.modelNo(), tag);
          changes.record(
              tx,
              model.modelNo(),
              System.currentTimeMillis(),
              new Change.ModelTagSet(
                  name, tag.key(), before, tag.value(), isPrompt(tx, model.modelNo())));
        });
  }

  /**
   * Deletes a tag, if it is there.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void deleteTag(String name, String key) {
    Names.checkModel(name);
    Names.checkTagKey(key);
    database.change(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          String before = store.tag(tx, model.modelNo(), key);
          store.deleteTag(tx, model.modelNo(), key);
          changes.record(
              tx,
              model.modelNo(),
              System.currentTimeMillis(),
              new Change.ModelTagDeleted(name, key, before, isPrompt(tx, model.modelNo())));
        });
  }

  /**
   * Lets an alias name a version, whatever it named before.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST if there is no such
   *     version
   */
  void setAlias(String name, String alias, String version) {
    Names.checkModel(name);
    Names.checkAlias(alias);
    Names.checkNotReserved(alias);
    BigInteger number = Names.parseVersion(version);
    database.change(
        tx -> {
          RegisteredModelRow model = store.lock(tx, name);
          ModelVersionRow row =
              ModelVersions.require(
                  model == null ? null : ModelVersions.find(versions, tx, model.modelNo(), number),
                  name,
                  number);
          Integer before = store.aliased(tx, row.modelNo(), alias);
          store.setAlias(tx, row.modelNo(), alias, row.version());
          changes.record(
              tx,
              row.modelNo(),
              System.currentTimeMillis(),
              new Change.AliasSet(name, alias, before, row.version(), isPrompt(tx, row.modelNo())));
        });
  }

  /**
   * Deletes an alias, if it is there.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST
   */
  void deleteAlias(String name, String alias) {
    Names.checkModel(name);
    Names.checkAlias(alias);
    database.change(
        tx -> {
          RegisteredModelRow model = lock(tx, name);
          Integer before = store.aliased(tx, model.modelNo(), alias);
          store.deleteAlias(tx, model.modelNo(), alias);
          changes.record(
              tx,
              model.modelNo(),
              System.currentTimeMillis(),
              new Change.AliasDeleted(name, alias, before, isPrompt(tx, model.modelNo())));
        });
  }

  /** The model, or the error that there is none of this name. */
  static RegisteredModelRow require(@Nullable RegisteredModelRow model, String name) {
    if (model == null) {
      throw MillraceException.notFound("Registered Model with name=%s not found".formatted(name));
    }
    return model;
  }

  private RegisteredModelRow lock(Tx tx, String name) throws SQLException {
    return require(store.lock(tx, name), name);
  }

  private RegisteredModelRow complete(Tx tx, RegisteredModelRow model) throws SQLException {
    return store.complete(tx, List.of(model)).getFirst();
  }

  private boolean isPrompt(Tx tx, long modelNo) throws SQLException {
    return Prompts.isPrompt(store.tag(tx, modelNo, Prompts.IS_PROMPT));
  }

  private long insert(Tx tx, String name, String description, Map<String, String> tags, long now)
      throws SQLException {
    try {
      return store.insert(tx, name, description, tags, now);
    } catch (SQLException e) {
      if (Database.isConstraintViolation(e)) {
        throw Tx.conflict("the name has just been taken");
      }
      throw e;
    }
  }

  /** For this question, MLflow takes whatever has the tag for a prompt, whatever its value. */
  private static MillraceException taken(String name, boolean byPrompt, Map<String, String> tags) {
    String old = byPrompt ? "Prompt" : "Registered Model";
    String wanted = tags.containsKey(Prompts.IS_PROMPT) ? "Prompt" : "Registered Model";
    if (old.equals(wanted)) {
      return MillraceException.alreadyExists(
          "%s (name=%s) already exists.".formatted(wanted, name));
    }
    return MillraceException.alreadyExists(
        ("Tried to create a %s with name %s, but the name is already taken by a %s. MLflow does not"
                + " allow creating a model and a prompt with the same name.")
            .formatted(
                wanted.toLowerCase(Locale.ROOT),
                PythonText.of(name),
                old.toLowerCase(Locale.ROOT)));
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
