package dev.millrace.registry;

import dev.millrace.testing.H2;

final class LatestVersionsOnH2Test extends LatestVersionsContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
