package dev.millrace.registry;

import dev.millrace.testing.Postgres;

class ModelVersionSearchOnPostgresTest extends ModelVersionSearchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
