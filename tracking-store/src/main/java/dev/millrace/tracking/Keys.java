package dev.millrace.tracking;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.platform.sql.Database;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The dictionary of metric, param and tag keys. Entries never change, so what was seen once is
 * remembered; a key whose write is rolled back later stays, and harms nobody. It has transactions
 * of its own: call it before, never within another one, or a full pool would wait for itself.
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

  /** The numbers of {@code keys}, adding those that are new; at most two statements. */
  Map<String, Integer> ensure(Collection<String> keys) {
    Map<String, Integer> found = find(keys);
    if (found.size() < Set.copyOf(keys).size()) {
      // One order for everybody: concurrent batches of new keys cannot deadlock.
      SortedSet<String> missing = new TreeSet<>(keys);
      missing.removeAll(found.keySet());
      add(missing);
      found.putAll(find(missing));
    }
    return found;
  }

  /** The numbers of those of {@code keys} that exist; at most one statement. */
  Map<String, Integer> find(Collection<String> keys) {
    Map<String, Integer> found = new HashMap<>();
    List<String> unknown = new ArrayList<>();
    for (String key : Set.copyOf(keys)) {
      Integer id = ids.getIfPresent(key);
      if (id == null) {
        unknown.add(key);
      } else {
        found.put(key, id);
      }
    }
    if (!unknown.isEmpty()) {
      select(
          "SELECT key_id, name FROM keys WHERE name = ANY(?)",
          unknown.toArray(String[]::new),
          found);
    }
    return found;
  }

  /** The names of {@code keyIds}, all of which exist; at most one statement. */
  Map<Integer, String> names(Collection<Integer> keyIds) {
    Map<Integer, String> found = new HashMap<>();
    List<Integer> unknown = new ArrayList<>();
    for (Integer id : Set.copyOf(keyIds)) {
      String name = names.getIfPresent(id);
      if (name == null) {
        unknown.add(id);
      } else {
        found.put(id, name);
      }
    }
    if (!unknown.isEmpty()) {
      Map<String, Integer> read = new HashMap<>();
      select(
          "SELECT key_id, name FROM keys WHERE key_id = ANY(?)",
          unknown.toArray(Integer[]::new),
          read);
      read.forEach((name, id) -> found.put(id, name));
    }
    return found;
  }

  private void add(SortedSet<String> missing) {
    database.transaction(
        tx ->
            tx.update(
                """
                INSERT INTO keys (name) SELECT name FROM UNNEST(?) AS added(name)
                ON CONFLICT DO NOTHING
                """,
                (Object) missing.toArray(String[]::new)));
  }

  private void select(String sql, Object[] array, Map<String, Integer> into) {
    database.read(
        tx ->
            tx.query(
                sql,
                row -> {
                  int id = row.intValue(1);
                  String name = row.string(2);
                  ids.put(name, id);
                  names.put(id, name);
                  return into.put(name, id);
                },
                (Object) array));
  }
}
