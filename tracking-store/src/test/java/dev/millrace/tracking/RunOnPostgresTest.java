package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class RunOnPostgresTest extends RunContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
