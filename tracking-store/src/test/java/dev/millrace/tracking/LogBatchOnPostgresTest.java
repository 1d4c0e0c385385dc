package dev.millrace.tracking;

import dev.millrace.testing.Postgres;

final class LogBatchOnPostgresTest extends LogBatchContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
