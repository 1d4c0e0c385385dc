package dev.millrace.registry;

import dev.millrace.testing.H2;

final class RegisteredModelOnH2Test extends RegisteredModelContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
