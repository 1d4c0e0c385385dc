package dev.millrace.tracking;

import dev.millrace.testing.H2;

final class LoggedModelOnH2Test extends LoggedModelContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
