package dev.millrace.projects;

import dev.millrace.testing.H2;

final class JobOnH2Test extends JobContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
