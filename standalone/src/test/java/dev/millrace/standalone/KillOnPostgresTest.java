package dev.millrace.standalone;

import dev.millrace.testing.Postgres;
import java.nio.file.Path;

final class KillOnPostgresTest extends KillContract {

  @Override
  String database(Path folder) {
    return Postgres.newDatabase();
  }
}
