package dev.millrace.standalone;

import dev.millrace.testing.H2;
import java.nio.file.Path;

final class KilledRunnerOnH2Test extends KilledRunnerContract {
  @Override
  String newDatabase(Path place) {
    return H2.in(place);
  }
}
