package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class ExperimentSearchOnH2Test extends ExperimentSearchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
