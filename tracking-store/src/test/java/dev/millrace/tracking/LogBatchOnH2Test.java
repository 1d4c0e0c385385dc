package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class LogBatchOnH2Test extends LogBatchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
