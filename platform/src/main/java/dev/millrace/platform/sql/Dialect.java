package dev.millrace.platform.sql;

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
}
