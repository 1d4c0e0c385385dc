package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class DatasetOnPostgresTest extends DatasetContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
