package dev.millrace.registry;

import dev.millrace.testing.H2;

final class ChangeEventsOnH2Test extends ChangeEventsContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
