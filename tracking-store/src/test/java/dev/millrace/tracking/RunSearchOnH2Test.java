package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class RunSearchOnH2Test extends RunSearchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
