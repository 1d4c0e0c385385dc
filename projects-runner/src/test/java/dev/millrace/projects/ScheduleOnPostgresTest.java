package dev.millrace.projects;

import dev.millrace.testing.Postgres;

final class ScheduleOnPostgresTest extends ScheduleContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
