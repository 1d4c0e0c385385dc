package dev.millrace.registry;

import dev.millrace.testing.H2;

final class StageOnH2Test extends StageContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
