package dev.millrace.platform.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/**
 * A service's database: migrated when opened, used through {@link #transaction} and {@link #read}.
 * Each service has its own, or its own tables and migration history in a shared one.
 */
public final class Database implements AutoCloseable {

  /** How often a transaction that the database rolled back for concurrency starts again. */
  private static final int ATTEMPTS = 8;

  /**
   * How PostgreSQL is to plan. Its defaults are those of a spinning disk, for which it reads whole
   * tables rather than a few rows by an index. Compiling a query, and weighing joins that no query
   * here gains by, takes longer than the queries do: docs/decisions/speed.md has the figures.
   */
  private static final String PLANNER =
      """
      SELECT set_config(name, CASE name WHEN 'random_page_cost' THEN '1.1'
        WHEN 'max_parallel_workers_per_gather' THEN '0' ELSE 'off' END, false)
      FROM pg_settings WHERE name IN ('random_page_cost', 'max_parallel_workers_per_gather', 'jit',
        'enable_mergejoin', 'enable_memoize')
      """;

  private final HikariDataSource pool;
  private final Dialect dialect;
  private final LongAdder statements = new LongAdder();

  private Database(HikariDataSource pool, Dialect dialect) {
    this.pool = pool;
    this.dialect = dialect;
  }

  /** What a caller does within a unit of work. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    T run(Tx tx) throws SQLException;
  }

  /** What a caller changes within a unit of work. */
  @FunctionalInterface
  public interface Change {
    void run(Tx tx) throws SQLException;
  }

  /**
   * Connects and migrates.
   *
   * @param service names the migration folder {@code db/SERVICE/DIALECT} and the history table
   * @param maxConnections the pool's size; callers beyond it wait
   * @throws IllegalStateException if the migrations are missing or the database does not answer
   */
  public static Database open(String service, DatabaseUrl url, int maxConnections) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(service);
    config.setJdbcUrl(url.jdbcUrl());
    config.setUsername(url.user());
    config.setPassword(url.password());
    config.setMaximumPoolSize(maxConnections);
    config.setMinimumIdle(1);
    // Load waits for a connection; it does not become an error.
    config.setConnectionTimeout(60_000);
    if (url.dialect() == Dialect.POSTGRESQL) {
      config.setConnectionInitSql(PLANNER);
    }
    String folder = "db/%s/%s".formatted(service, url.dialect().folder());
    String table = "flyway_" + service.replace('-', '_');
    HikariDataSource pool = new HikariDataSource(config);
    try {
      if (!Migrations.areDone(pool, folder, table)) {
        migrate(
            Flyway.configure()
                .dataSource(pool)
                .locations("classpath:" + folder)
                // A misspelt folder would else start a service without tables.
                .failOnMissingLocations(true)
                .table(table)
                // Services may share one database: the other's tables are no reason to refuse.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load());
      }
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
    return new Database(pool, url.dialect());
  }

  /**
   * Migrates. H2 commits each statement of a migration by itself, so a process that is told to stop
   * meanwhile leaves it half-done and marked as failed. Its scripts take what is there already for
   * done, and run again from their beginning.
   */
  private static void migrate(Flyway flyway) {
    try {
      flyway.migrate();
    } catch (FlywayValidateException e) {
      if (Stream.of(flyway.info().all()).noneMatch(each -> each.getState().isFailed())) {
        throw e;
      }
      flyway.repair();
      flyway.migrate();
    }
  }

  public Dialect dialect() {
    return dialect;
  }

  /** Statements run so far; tests assert how many a request takes. */
  public long statements() {
    return statements.sum();
  }

  /**
   * Runs {@code work} in one transaction: all of it is stored when this returns, or nothing if it
   * throws. Work that the database rolled back for concurrency (deadlock, serialisation) runs
   * again, so it must have no effect outside the transaction.
   */
  public <T extends @Nullable Object> T transaction(Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = pool.getConnection()) {
        connection.setAutoCommit(false);
        try {
          T result = work.run(new Tx(connection, dialect, statements));
          connection.commit();
          return result;
        } catch (SQLException | RuntimeException e) {
          connection.rollback();
          throw e;
        }
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !isTransient(e)) {
          throw failure(e);
        }
        pause(attempt);
      }
    }
  }

  /** {@link #transaction} for work without a result. */
  public void change(Change change) {
    transaction(
        tx -> {
          change.run(tx);
          return true;
        });
  }

  /** Runs {@code work} that only reads, each statement on its own snapshot. */
  public <T extends @Nullable Object> T read(Work<T> work) {
    try (Connection connection = pool.getConnection()) {
      return work.run(new Tx(connection, dialect, statements));
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** Whether {@code e} says that a unique or foreign key refused a row. */
  public static boolean isConstraintViolation(SQLException e) {
    String state = e.getSQLState();
    return state != null && state.startsWith("23");
  }

  @Override
  public void close() {
    pool.close();
  }

  private static boolean isTransient(SQLException e) {
    String state = e.getSQLState();
    // 40001 serialisation failure (H2: also deadlock), 40P01 deadlock; H2's HYT00 is a lock
    // time-out,
    // 90131 a concurrent update.
    return state != null
        && (state.equals("40001")
            || state.equals("40P01")
            || state.equals("HYT00")
            || state.equals("90131"));
  }

  private static MillraceException failure(SQLException e) {
    String state = e.getSQLState();
    // 08: the connection broke; 53, 57: the server is short of something or going down; HikariCP's
    // time-out has no state.
    boolean unavailable =
        state == null || state.startsWith("08") || state.startsWith("53") || state.startsWith("57");
    return unavailable
        ? new MillraceException(
            ErrorCode.TEMPORARILY_UNAVAILABLE, "The database is not available", e)
        : new MillraceException(ErrorCode.INTERNAL_ERROR, "The database refused a statement", e);
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(1, 5L << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(ErrorCode.TEMPORARILY_UNAVAILABLE, "Interrupted", e);
    }
  }
}
