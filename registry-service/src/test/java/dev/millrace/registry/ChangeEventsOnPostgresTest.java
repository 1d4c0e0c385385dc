package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class ChangeEventsOnPostgresTest extends ChangeEventsContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
