package dev.millrace.registry;

import dev.millrace.testing.H2;

final class RegistryAccessOnH2Test extends RegistryAccessContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
