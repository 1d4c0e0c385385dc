package dev.millrace.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * A real PostgreSQL 18 on this machine, started from its binaries at first use: one per JVM, gone
 * with it. It trusts every local user. Run by root, it starts inside a user namespace ({@code
 * unshare -U}), as PostgreSQL refuses root.
 */
public final class Postgres {

  private static final EmbeddedPostgres SERVER = start();

  private Postgres() {}

  /**
   * The URL {@code postgresql://user:password@host:port/database} of a new, empty database.
   *
   * @throws IllegalStateException if the database cannot be created
   */
  public static String newDatabase() {
    String name = "test_" + UUID.randomUUID().toString().replace("-", "");
    try (Connection connection = SERVER.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot create a test database", e);
    }
    return "postgresql://postgres:postgres@localhost:" + SERVER.getPort() + "/" + name;
  }

  /** Prints the URL of a new database, and keeps the server until the process is ended. */
  public static void main(String[] arguments) throws InterruptedException {
    System.out.println(newDatabase());
    new CountDownLatch(1).await();
  }

  private static EmbeddedPostgres start() {
    try {
      return EmbeddedPostgres.builder().start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL", e);
    }
  }
}
