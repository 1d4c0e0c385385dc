package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class PartsOnH2Test extends PartsContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
