package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class RegistryAccessOnPostgresTest extends RegistryAccessContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
