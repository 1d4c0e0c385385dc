package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class LoggedModelOnPostgresTest extends LoggedModelContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
