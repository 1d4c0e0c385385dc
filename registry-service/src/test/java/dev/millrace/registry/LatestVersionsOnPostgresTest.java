package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class LatestVersionsOnPostgresTest extends LatestVersionsContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
