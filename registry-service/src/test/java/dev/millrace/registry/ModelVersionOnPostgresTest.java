package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class ModelVersionOnPostgresTest extends ModelVersionContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
