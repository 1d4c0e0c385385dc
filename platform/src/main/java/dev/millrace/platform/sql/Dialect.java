package dev.millrace.platform.sql;

import java.util.List;

/**
 * The databases Millrace runs on; what differs between them is decided here and in the migrations.
 */
public enum Dialect {
  H2("h2"),
  POSTGRESQL("postgresql");

  private final String folder;

  Dialect(String folder) {
    this.folder = folder;
  }

  /** The last part of the migration folder, {@code db/SERVICE/FOLDER}. */
  String folder() {
    return folder;
  }

  /**
   * What ends a SELECT of a row on which this transaction relies: nobody changes the row before the
   * transaction ends. On H2, which knows no shared locks, others that rely on it wait too.
   */
  public String keep() {
    return switch (this) {
      case H2 -> "FOR UPDATE";
      case POSTGRESQL -> "FOR SHARE";
    };
  }

  /**
   * What follows a table in FROM to read it through an index. H2 chooses among indexes that begin
   * with the same columns without regard to the order asked for; PostgreSQL needs no advice.
   */
  public String through(String index) {
    return switch (this) {
      case H2 -> " USE INDEX (" + index + ")";
      case POSTGRESQL -> "";
    };
  }

  /**
   * Those of {@code columns} that have to stand in front of an order so that an index serves it
   * which begins with them. A condition fixes each to one value, so they change nothing; but H2
   * takes rows out of an index in order only if ORDER BY begins as the index does.
   */
  public List<String> inFront(List<String> columns) {
    return switch (this) {
      case H2 -> columns;
      case POSTGRESQL -> List.of();
    };
  }
}
