package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever stops a start on H2 while it makes its tables can start again. */
final class BrokenOffMigrationTest {

  @ParameterizedTest
  @ValueSource(strings = {"tracking-store", "registry-service", "projects-runner"})
  void aMigrationIsDoneToItsEnd(String service, @TempDir Path folder) {
    String history = "\"flyway_" + service.replace('-', '_') + "\"";
    List<String> versions;
    try (Database database = open(service, folder)) {
      versions = versions(database, history);
      assertThat(versions).isNotEmpty();
    }
    for (String version : versions) {
      // Killed: every statement is done, but nobody knows.
      try (Database database = open(service, folder)) {
        database.change(
            tx ->
                assertThat(
                        tx.update(
                            "DELETE FROM " + history + " WHERE CAST(\"version\" AS INTEGER) >= ?",
                            Integer.valueOf(version)))
                    .isPositive());
      }
      try (Database database = open(service, folder)) {
        assertThat(versions(database, history)).isEqualTo(versions);
        // Told to stop: Flyway could still say that it failed.
        database.change(
            tx -> {
              tx.update(
                  "DELETE FROM " + history + " WHERE CAST(\"version\" AS INTEGER) > ?",
                  Integer.valueOf(version));
              assertThat(
                      tx.update(
                          "UPDATE " + history + " SET \"success\" = FALSE WHERE \"version\" = ?",
                          version))
                  .isOne();
            });
      }
      try (Database database = open(service, folder)) {
        assertThat(versions(database, history)).isEqualTo(versions);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracking-store", "registry-service", "projects-runner"})
  void aDatabaseOfAnotherBuildIsRefused(String service, @TempDir Path folder) {
    try (Database database = open(service, folder)) {
      database.change(
          tx ->
              tx.update(
                  "UPDATE \"flyway_%s\" SET \"checksum\" = 1 WHERE \"version\" = '1'"
                      .formatted(service.replace('-', '_'))));
    }
    assertThatThrownBy(() -> open(service, folder)).isInstanceOf(FlywayValidateException.class);
  }

  private static Database open(String service, Path folder) {
    return Database.open(service, DatabaseUrl.parse("h2:" + folder.resolve("database")), 2);
  }

  private static List<String> versions(Database database, String history) {
    return database.read(
        tx ->
            tx.query(
                "SELECT \"version\" FROM "
                    + history
                    + " WHERE \"success\" AND CAST(\"version\" AS INTEGER) > 0"
                    + " ORDER BY \"installed_rank\"",
                row -> row.string(1)));
  }
}
