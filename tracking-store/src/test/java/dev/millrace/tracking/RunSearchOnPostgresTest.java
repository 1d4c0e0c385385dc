package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class RunSearchOnPostgresTest extends RunSearchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
