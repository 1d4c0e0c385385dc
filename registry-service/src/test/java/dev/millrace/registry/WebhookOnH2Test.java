package dev.millrace.registry;

import dev.millrace.testing.H2;

final class WebhookOnH2Test extends WebhookContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
