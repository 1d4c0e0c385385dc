package dev.millrace.registry;

import dev.millrace.testing.H2;

final class AliasOnH2Test extends AliasContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
