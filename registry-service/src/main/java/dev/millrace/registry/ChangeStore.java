package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code registry_changes}. */
final class ChangeStore {

  /** The columns that {@link #read} reads, in its order. */
  private static final String COLUMNS =
      """
      registry_changes.change_id, registry_changes.time, registry_changes.user_name,
      registry_changes.action, registry_changes.name, registry_changes.version,
      registry_changes.fields\
      """;

  private static final int COLUMN_COUNT = 7;

  /** Adds a change and returns its id. */
  long insert(Tx tx, long modelNo, ChangeRow change) throws SQLException {
    return tx.insert(
        """
        INSERT INTO registry_changes (workspace, model_no, time, user_name, action, name, version,
          fields)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        "change_id",
        Workspace.DEFAULT,
        modelNo,
        change.time(),
        change.user(),
        change.action(),
        change.name(),
        change.version(),
        ChangeFields.write(change.fields()));
  }

  /**
   * Adds changes, in their order.
   *
   * @param modelNos the model of each
   */
  void insertAll(Tx tx, List<Long> modelNos, List<ChangeRow> changes) throws SQLException {
    int size = changes.size();
    Long[] order = new Long[size];
    Long[] times = new Long[size];
    @Nullable String[] users = new @Nullable String[size];
    String[] actions = new String[size];
    String[] names = new String[size];
    @Nullable Integer[] versions = new @Nullable Integer[size];
    String[] fields = new String[size];
    for (int i = 0; i < size; i++) {
      ChangeRow change = changes.get(i);
      order[i] = (long) i;
      times[i] = change.time();
      users[i] = change.user();
      actions[i] = change.action();
      names[i] = change.name();
      versions[i] = change.version();
      fields[i] = ChangeFields.write(change.fields());
    }
    tx.update(
        """
        INSERT INTO registry_changes (workspace, model_no, time, user_name, action, name, version,
          fields)
        SELECT ?, model_no, time, user_name, action, name, version, fields
        FROM UNNEST(?, ?, ?, ?, ?, ?, ?, ?)
          AS added(place, model_no, time, user_name, action, name, version, fields)
        ORDER BY place
        """,
        Workspace.DEFAULT,
        order,
        modelNos.toArray(Long[]::new),
        times,
        users,
        actions,
        names,
        versions,
        fields);
  }

  /**
   * The changes of every model that has ever had a name, the newest first.
   *
   * @param name null for all models
   * @param version null for all changes of a model
   */
  static PageQuery query(@Nullable String name, @Nullable Integer version) {
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of("registry_changes.workspace = ?", Workspace.DEFAULT));
    if (name != null) {
      where.add(
          Sql.of(
              "registry_changes.model_no IN (SELECT named.model_no FROM registry_changes AS named"
                  + " WHERE named.workspace = ? AND named.name = ?)",
              Workspace.DEFAULT,
              name));
    }
    if (version != null) {
      where.add(Sql.of("registry_changes.version = ?", version));
    }
    Branch branch = new Branch(Sql.of("registry_changes"), Sql.join(" AND ", where));
    SortKey newest = SortKey.of("registry_changes.change_id", SortKey.Type.WHOLE, false);
    return new PageQuery(
        COLUMNS, COLUMN_COUNT, List.of(new Segment(List.of(branch), List.of(newest))));
  }

  static ChangeRow read(Row row) throws SQLException {
    Long version = row.longOrNull(6);
    return new ChangeRow(
        row.longValue(1),
        row.longValue(2),
        row.stringOrNull(3),
        row.string(4),
        row.string(5),
        version == null ? null : version.intValue(),
        ChangeFields.read(row.string(7)));
  }
}
