package dev.millrace.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flyway has done counts as done, and nothing else does. */
final class MigrationsTest {

  private static final String SERVICE = "migrations-test";
  private static final String FOLDER = "db/migrations-test/h2";
  private static final String TABLE = "flyway_migrations_test";

  @Test
  void flywayIsAskedUnlessItsTableIsThatOfTheScripts(@TempDir Path folder) throws SQLException {
    DatabaseUrl url = DatabaseUrl.parse("h2:" + folder.resolve("database"));
    JdbcDataSource database = new JdbcDataSource();
    database.setUrl(url.jdbcUrl());
    database.setUser(url.user());
    database.setPassword(url.password());

    assertThat(areDone(database)).isFalse();
    Database.open(SERVICE, url, 2).close();
    assertThat(areDone(database)).isTrue();
    assertThat(Migrations.areDone(database, "db/migrations-test/none", TABLE)).isFalse();
    assertThat(Migrations.areDone(database, FOLDER, "flyway_none")).isFalse();

    update(database, "SET \"checksum\" = \"checksum\" + 1 WHERE \"version\" = '1'");
    assertThat(areDone(database)).isFalse();
    update(database, "SET \"checksum\" = \"checksum\" - 1 WHERE \"version\" = '1'");
    assertThat(areDone(database)).isTrue();
    update(database, "SET \"success\" = FALSE WHERE \"version\" = '2'");
    assertThat(areDone(database)).isFalse();
    update(
        database, "SET \"success\" = TRUE, \"script\" = 'V3__third.sql' WHERE \"version\" = '2'");
    assertThat(areDone(database)).isFalse();
    update(
        database, "SET \"script\" = 'V2__second.sql', \"type\" = 'DELETE' WHERE \"version\" = '2'");
    assertThat(areDone(database)).isFalse();
  }

  private static boolean areDone(DataSource database) {
    return Migrations.areDone(database, FOLDER, TABLE);
  }

  private static void update(DataSource database, String change) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("UPDATE \"" + TABLE + "\" " + change)).isOne();
    }
  }
}
