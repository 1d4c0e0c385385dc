package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class SourceOnPostgresTest extends SourceContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
