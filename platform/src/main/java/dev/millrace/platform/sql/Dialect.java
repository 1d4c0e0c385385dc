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
}
