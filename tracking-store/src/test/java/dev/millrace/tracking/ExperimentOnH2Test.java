package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class ExperimentOnH2Test extends ExperimentContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
