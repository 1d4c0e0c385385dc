package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class RunOnH2Test extends RunContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
