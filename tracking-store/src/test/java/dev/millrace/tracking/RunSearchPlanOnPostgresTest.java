package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Place;
import dev.millrace.platform.sql.Sql;
import dev.millrace.testing.Postgres;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * That searches of a large experiment read what they return, and not the experiment: PostgreSQL
 * tells how many rows its plan has touched.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunSearchPlanOnPostgresTest {

  private static final int RUNS = 20_000;
  private static final Pattern ROWS =
      Pattern.compile("actual rows=([0-9.]+) loops=([0-9]+)|Rows Removed by [A-Za-z ]+: ([0-9]+)");

  private Database database;
  private Map<String, Integer> keys;
  private List<Long> experiments;

  @BeforeAll
  void fill() {
    database = Database.open("tracking-store", DatabaseUrl.parse(Postgres.newDatabase()), 2);
    SearchData data = new SearchData(database);
    experiments = List.of(data.experiment("large", 0, Map.of()), data.experiment("b", 0, Map.of()));
    keys = new Keys(database).ensure(List.of("loss", "lr", "team", "rare"));
    for (String sql :
        """
        INSERT INTO runs (run_no, run_id, experiment_id, name, user_id, status, start_time, lifecycle_stage, artifact_uri)
          SELECT n, md5(n::text), CASE WHEN n % 10 = 0 THEN {b} ELSE {a} END, 'r', '', 'FINISHED', n, 'active', '' FROM generate_series(1, {runs}) n;
        INSERT INTO latest_metrics SELECT run_no, {loss}, experiment_id, 0, 0, (run_no * 7919) % 10007, false FROM runs;
        INSERT INTO latest_metrics SELECT run_no, {rare}, experiment_id, 0, 0, run_no, false FROM runs WHERE run_no % 1000 = 7;
        INSERT INTO params SELECT run_no, {lr}, experiment_id, 'v' || (run_no * 31) % 5000 FROM runs;
        INSERT INTO tags SELECT run_no, {team}, experiment_id, CASE WHEN run_no % 2000 = 5 THEN 'few' ELSE 'most' END FROM runs;
        ANALYZE
        """
            .split(";", -1)) {
      data.update(
          sql.replace("{a}", "" + experiments.getFirst())
              .replace("{b}", "" + experiments.getLast())
              .replace("{runs}", "" + RUNS)
              .replace("{loss}", "" + keys.get("loss"))
              .replace("{rare}", "" + keys.get("rare"))
              .replace("{lr}", "" + keys.get("lr"))
              .replace("{team}", "" + keys.get("team")));
    }
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void newestRuns() {
    assertReads("", List.of(), null, "runs_newest", 600);
  }

  @Test
  void aDeepPage() {
    assertReads("", List.of(), new Place(0, List.of(5_000L, "x")), "runs_newest", 600);
  }

  @Test
  void selectiveFilters() {
    assertReads("metrics.loss < 10", List.of(), null, "latest_metrics_value", 600);
    assertReads(
        "metrics.loss >= 5 AND metrics.loss < 8", List.of(), null, "latest_metrics_value", 600);
    assertReads("metrics.rare > 0", List.of(), null, "latest_metrics_value", 600);
    assertReads("params.lr = 'v31'", List.of(), null, "params_value", 200);
    assertReads("params.lr LIKE 'v431%'", List.of(), null, "params_value", 600);
    assertReads("tags.team = 'few' AND metrics.loss > 0", List.of(), null, "tags_value", 600);
    assertReads("run_id = 'x'", List.of(), null, "runs_run_id", 10);
  }

  @Test
  void filtersThatMostRunsFulfil() {
    // Of the small experiment the planner expects too few runs, and sorts them all.
    List<Long> large = experiments.subList(0, 1);
    assertReads(
        large, "metrics.loss >= 0 AND tags.team = 'most'", List.of(), null, "runs_newest", 1500);
  }

  @Test
  void orders() {
    assertReads("", List.of("metrics.loss"), null, "latest_metrics_value", 900);
    assertReads("", List.of("metrics.loss DESC", "params.lr"), null, "latest_metrics_value", 1200);
    assertReads("", List.of("params.lr DESC"), null, "params_value", 1200);
    assertReads(
        "",
        List.of("metrics.loss DESC"),
        new Place(0, List.of(5000.0, 5L, "x")),
        "latest_metrics_value",
        900);
  }

  private void assertReads(
      String filter, List<String> orderBy, @Nullable Place start, String index, int mostRows) {
    assertReads(experiments, filter, orderBy, start, index, mostRows);
  }

  private void assertReads(
      List<Long> experiments,
      String filter,
      List<String> orderBy,
      @Nullable Place start,
      String index,
      int mostRows) {
    PageQuery query =
        RunSearch.of(
                RunQuery.parse(filter, orderBy),
                Dialect.POSTGRESQL,
                keys,
                experiments,
                LifecycleStage.ACTIVE)
            .sql(null);
    Sql sql =
        Sql.of("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ")
            .add(query.statement(0, start, 101));
    List<String> plan = database.read(tx -> tx.query(sql, row -> row.string(1)));
    String text = String.join("\n", plan);
    long rows = 0;
    for (Matcher m = ROWS.matcher(text); m.find(); ) {
      rows +=
          m.group(3) == null
              ? Math.round(Double.parseDouble(m.group(1)) * Long.parseLong(m.group(2)))
              : Long.parseLong(m.group(3));
    }
    assertThat(text).as(filter).contains("using " + index).doesNotContain("Seq Scan");
    assertThat(rows).as(text).isLessThan(mostRows);
  }
}
