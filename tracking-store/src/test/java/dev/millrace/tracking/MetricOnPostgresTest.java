package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class MetricOnPostgresTest extends MetricContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
