package dev.millrace.registry;

import dev.millrace.testing.H2;

final class ModelVersionOnH2Test extends ModelVersionContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
