package dev.millrace.projects;

import dev.millrace.testing.Postgres;

final class QueueOnPostgresTest extends QueueContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
