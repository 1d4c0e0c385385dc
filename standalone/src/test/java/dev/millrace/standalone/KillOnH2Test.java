package dev.millrace.standalone;

import dev.millrace.testing.H2;
import java.nio.file.Path;

final class KillOnH2Test extends KillContract {

  @Override
  String database(Path folder) {
    return H2.in(folder);
  }
}
