package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class RegisteredModelOnPostgresTest extends RegisteredModelContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
