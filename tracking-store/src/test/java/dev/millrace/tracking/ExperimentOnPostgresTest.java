package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class ExperimentOnPostgresTest extends ExperimentContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
