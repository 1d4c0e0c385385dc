package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class PartsOnPostgresTest extends PartsContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
