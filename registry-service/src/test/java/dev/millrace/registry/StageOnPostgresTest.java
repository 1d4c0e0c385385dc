package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class StageOnPostgresTest extends StageContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
