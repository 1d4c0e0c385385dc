package dev.millrace.registry;

import dev.millrace.testing.H2;

final class SourceOnH2Test extends SourceContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
