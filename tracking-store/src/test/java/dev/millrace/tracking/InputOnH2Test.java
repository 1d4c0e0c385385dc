package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class InputOnH2Test extends InputContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
