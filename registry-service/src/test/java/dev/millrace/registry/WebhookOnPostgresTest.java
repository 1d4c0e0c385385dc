package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class WebhookOnPostgresTest extends WebhookContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
