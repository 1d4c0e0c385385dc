package dev.millrace.tracking;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The dictionary of metric, param and tag keys. Entries never change, so what was seen once is
 * remembered; a key whose write is rolled back later stays, and harms nobody.
 */
final class Keys {

  /** Keys remembered in each direction. */
  private static final long REMEMBERED = 100_000;

  private final Database database;
  private final Cache<String, Integer> ids = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
  private final Cache<Integer, String> names =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  Keys(Database database) {
    this.database = database;
  }

  /**
   * The numbers of {@code keys}, adding those that are new; at most three statements. It has
   * transactions of its own: call it before, never within another one, or a full pool would wait
   * for itself.
   */
  Map<String, Integer> ensure(Collection<String> keys) {
    Map<String, Integer> found = HashMap.newHashMap(keys.size());
    // One order for everybody: concurrent batches of new keys cannot deadlock.
    SortedSet<String> unknown = remembered(keys, found);
    if (!unknown.isEmpty()) {
      database.transaction(tx -> select(tx, unknown, found));
    }
    unknown.removeAll(found.keySet());
    if (!unknown.isEmpty()) {
      database.transaction(tx -> add(tx, unknown));
      database.transaction(tx -> select(tx, unknown, found));
    }
    return found;
  }

  /** The numbers of those of {@code keys} that exist; at most one statement. */
  Map<String, Integer> find(Tx tx, Collection<String> keys) throws SQLException {
    Map<String, Integer> found = HashMap.newHashMap(keys.size());
    SortedSet<String> unknown = remembered(keys, found);
    if (!unknown.isEmpty()) {
      select(tx, unknown, found);
    }
    return found;
  }

  /** The names of {@code keyIds}, all of which exist; at most one statement. */
  Map<Integer, String> names(Tx tx, Collection<Integer> keyIds) throws SQLException {
    Map<Integer, String> found = HashMap.newHashMap(keyIds.size());
    List<Integer> unknown = new ArrayList<>();
    for (Integer id : keyIds) {
      String name = names.getIfPresent(id);
      if (name == null) {
        unknown.add(id);
      } else {
        found.put(id, name);
      }
    }
    if (!unknown.isEmpty()) {
      tx.query(
          "SELECT key_id, name FROM keys WHERE key_id = ANY(?)",
          row -> found.put(row.intValue(1), remember(row)),
          (Object) unknown.toArray(Integer[]::new));
    }
    return found;
  }

  private SortedSet<String> remembered(Collection<String> keys, Map<String, Integer> into) {
    SortedSet<String> unknown = new TreeSet<>();
    for (String key : keys) {
      Integer id = ids.getIfPresent(key);
      if (id == null) {
        unknown.add(key);
      } else {
        into.put(key, id);
      }
    }
    return unknown;
  }

  private static int add(Tx tx, SortedSet<String> missing) throws SQLException {
    return tx.update(
        """
        INSERT INTO keys (name) SELECT name FROM UNNEST(?) AS added(name)
        ON CONFLICT DO NOTHING
        """,
        (Object) missing.toArray(String[]::new));
  }

  private List<Integer> select(Tx tx, SortedSet<String> keys, Map<String, Integer> into)
      throws SQLException {
    return tx.query(
        "SELECT key_id, name FROM keys WHERE name = ANY(?)",
        row -> {
          int id = row.intValue(1);
          into.put(remember(row), id);
          return id;
        },
        (Object) keys.toArray(String[]::new));
  }

  private String remember(Row row) throws SQLException {
    int id = row.intValue(1);
    String name = row.string(2);
    ids.put(name, id);
    names.put(id, name);
    return name;
  }
}
