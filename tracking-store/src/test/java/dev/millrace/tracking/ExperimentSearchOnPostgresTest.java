package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class ExperimentSearchOnPostgresTest extends ExperimentSearchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
