package dev.millrace.registry;

import dev.millrace.testing.Postgres;

class RegisteredModelSearchOnPostgresTest extends RegisteredModelSearchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
