package dev.millrace.registry;

import dev.millrace.testing.H2;

final class DeliveryOnH2Test extends DeliveryContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
