package dev.millrace.registry;

import dev.millrace.testing.H2;

class RegisteredModelSearchOnH2Test extends RegisteredModelSearchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
