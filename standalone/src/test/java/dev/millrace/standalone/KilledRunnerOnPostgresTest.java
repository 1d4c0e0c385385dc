package dev.millrace.standalone;

import dev.millrace.testing.Postgres;
import java.nio.file.Path;

final class KilledRunnerOnPostgresTest extends KilledRunnerContract {
  @Override
  String newDatabase(Path place) {
    return Postgres.newDatabase();
  }
}
