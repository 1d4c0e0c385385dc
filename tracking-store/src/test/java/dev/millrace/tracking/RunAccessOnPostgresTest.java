package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class RunAccessOnPostgresTest extends RunAccessContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
