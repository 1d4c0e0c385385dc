package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class InputOnPostgresTest extends InputContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
