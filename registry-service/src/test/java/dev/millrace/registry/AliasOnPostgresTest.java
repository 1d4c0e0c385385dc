package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class AliasOnPostgresTest extends AliasContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
