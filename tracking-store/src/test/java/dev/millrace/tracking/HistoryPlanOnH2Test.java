package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.testing.H2;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * That a part of a long history reads what it returns, and not the history from its beginning: H2
 * tells how many entries of the index it has looked at.
 */
final class HistoryPlanOnH2Test {

  private static final int POINTS = 10_000;
  private static final int PART = 100;
  private static final Pattern SCANNED = Pattern.compile("scanCount: (\\d+) \\*/\\s+WHERE");

  @Test
  void readsThePartOnly() {
    try (Database database = Database.open("tracking-store", DatabaseUrl.parse(H2.inMemory()), 2)) {
      SearchData data = new SearchData(database);
      SearchData.Run run = data.run(data.experiment("long", 0, Map.of()), "r", 0);
      int key = Objects.requireNonNull(new Keys(database).ensure(List.of("loss")).get("loss"));
      data.update(
          """
          INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
            SELECT %d, %d, "X", "X", "X", FALSE FROM SYSTEM_RANGE(1, %d)
          """
              .formatted(run.no, key, POINTS));
      assertThat(scanned(database, false, run.id, "loss", PART, 0)).isLessThan(2 * PART);
      assertThat(scanned(database, true, run.id, "loss", 5_000L, 5_000L, 5_000.0, false, PART, 0))
          .isLessThan(2 * PART);
    }
  }

  private static int scanned(
      Database database, boolean isContinued, @Nullable Object... arguments) {
    String plan =
        database
            .read(
                tx ->
                    tx.query(
                        "EXPLAIN ANALYZE " + MetricStore.history(Dialect.H2, isContinued),
                        row -> row.string(1),
                        arguments))
            .getFirst();
    // The subselects of the run and the key look at an entry or two.
    int most =
        SCANNED
            .matcher(plan)
            .results()
            .mapToInt(scan -> Integer.parseInt(scan.group(1)))
            .max()
            .orElse(-1);
    assertThat(most).as(plan).isPositive();
    return most;
  }
}
