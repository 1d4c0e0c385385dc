package dev.millrace.registry;

import dev.millrace.testing.H2;

class ModelVersionSearchOnH2Test extends ModelVersionSearchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
