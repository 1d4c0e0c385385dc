package dev.millrace.projects;

import dev.millrace.testing.Postgres;

final class JobOnPostgresTest extends JobContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
