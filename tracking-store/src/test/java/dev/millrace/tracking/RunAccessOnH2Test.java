package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class RunAccessOnH2Test extends RunAccessContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
