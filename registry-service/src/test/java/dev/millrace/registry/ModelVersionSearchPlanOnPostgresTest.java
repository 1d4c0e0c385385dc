package dev.millrace.registry;

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
 * That searches read what they return, and not a whole model: PostgreSQL tells how many rows its
 * plan has touched.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelVersionSearchPlanOnPostgresTest {

  private static final int VERSIONS = 20_000;
  private static final Pattern ROWS =
      Pattern.compile("actual rows=([0-9.]+) loops=([0-9]+)|Rows Removed by [A-Za-z ]+: ([0-9]+)");

  private Database database;

  @BeforeAll
  void fill() {
    database = Database.open("registry-service", DatabaseUrl.parse(Postgres.newDatabase()), 2);
    RegistryData data = new RegistryData(database);
    data.versions(data.model("large", 0, Map.of()), VERSIONS, 0, 100, 50, false);
    data.versions(data.model("small", 0, Map.of()), 200, VERSIONS / 2, 100, 50, false);
    data.versions(data.model("prompt", 0, Map.of()), VERSIONS, VERSIONS, 100, 50, true);
    data.analyze();
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void aModel() {
    assertReads("name = 'large'", List.of(), null, "model_versions_name_updated");
    assertReads(
        "name = 'large'",
        List.of(),
        new Place(0, List.of(9_000L, 9_000L)),
        "model_versions_name_updated");
    assertReads("name IN ('large', 'small')", List.of(), null, "model_versions_name_updated");
    assertReads("name = 'prompt'", List.of(), null, "model_versions_name_updated");
  }

  @Test
  void all() {
    assertReads("", List.of(), null, "model_versions_updated");
    assertReads(
        "", List.of(), new Place(0, List.of(9_000L, "large", 9_000L)), "model_versions_updated");
  }

  @Test
  void runs() {
    assertReads("run_id = 'run7'", List.of(), null, "model_versions_run");
    assertReads("run_id = 'run7' AND name = 'large'", List.of(), null, "model_versions_run");
    assertReads("run_id IN ('run7', 'run8', 'x')", List.of(), null, "model_versions_run");
  }

  @Test
  void tags() {
    assertReads("tags.k = 'v7'", List.of(), null, "model_version_tags_value");
    assertReads(
        "tags.k = 'v7'",
        List.of(),
        new Place(0, List.of(9_000L, "large", 9_000L)),
        "model_version_tags_value");
    assertReads("name = 'large' AND tags.k = 'v7'", List.of(), null, "model_version_tags_model");
    assertReads(
        "tags.`mlflow.prompt.is_prompt` = 'true'", List.of(), null, "model_version_tags_value");
  }

  @Test
  void orders() {
    for (String direction : List.of(" ASC", " DESC")) {
      for (String field : List.of("creation_timestamp", "last_updated_timestamp")) {
        String index = field.startsWith("c") ? "created" : "updated";
        List<String> order = List.of(field + direction);
        assertReads("name = 'large'", order, null, "model_versions_name_" + index);
        assertReads("", order, null, "model_versions_" + index);
      }
      List<String> order = List.of("version_number" + direction);
      assertReads("name = 'large'", order, null, "model_versions_name");
      assertReads("", order, null, "model_versions_number");
    }
    assertReads("", List.of("name"), null, "model_versions_name");
  }

  private void assertReads(
      String filter, List<String> orderBy, @Nullable Place start, String index) {
    PageQuery query =
        ModelVersionSearch.sql(ModelVersionQuery.parse(filter, orderBy), Dialect.POSTGRESQL);
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
    String what = filter + " " + orderBy + "\n" + text;
    assertThat(text)
        .as(what)
        .contains("using " + index + " on")
        .doesNotContain("Seq Scan on model_version");
    assertThat(rows).as(what).isLessThan(1500);
  }
}
