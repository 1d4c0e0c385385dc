package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class LoggedModelSearchOnPostgresTest extends LoggedModelSearchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
