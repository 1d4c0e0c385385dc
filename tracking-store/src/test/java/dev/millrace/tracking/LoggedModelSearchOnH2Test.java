package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class LoggedModelSearchOnH2Test extends LoggedModelSearchContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
