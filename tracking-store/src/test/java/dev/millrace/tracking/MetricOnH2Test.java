package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class MetricOnH2Test extends MetricContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
