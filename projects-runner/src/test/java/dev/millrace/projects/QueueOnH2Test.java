package dev.millrace.projects;

import dev.millrace.testing.H2;

final class QueueOnH2Test extends QueueContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
