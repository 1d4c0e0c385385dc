package dev.millrace.projects;

import dev.millrace.testing.H2;

final class ScheduleOnH2Test extends ScheduleContract {
  @Override
  String newDatabase() {
    return H2.inMemory();
  }
}
