package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class DatasetOnH2Test extends DatasetContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
