package dev.millrace.registry;

import dev.millrace.testing.Postgres;

final class DeliveryOnPostgresTest extends DeliveryContract {
  @Override
  String newDatabase() {
    return Postgres.newDatabase();
  }
}
