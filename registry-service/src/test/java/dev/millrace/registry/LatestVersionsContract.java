package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.RegisteredModel;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That the latest versions are found, and not looked for among all versions. */
abstract class LatestVersionsContract extends RegistryContract {

  private static final int VERSIONS = 30_000;
  private static final int MODELS = 500;

  private List<Long> modelNos = List.of();
  private String large = "";

  @BeforeAll
  final void fill() {
    Database database = service.database();
    ModelVersionStore store = new ModelVersionStore();
    RegisteredModelStore modelStore = new RegisteredModelStore(store);
    large = newModel();
    List<String> names = IntStream.range(1, MODELS).mapToObj(i -> "small %d".formatted(i)).toList();
    database.change(
        tx -> {
          for (String name : names) {
            modelStore.insert(tx, name, "", Map.of(), 0);
          }
          RegisteredModelRow model = RegisteredModels.require(modelStore.find(tx, large), large);
          insert(tx, "registered_models.model_no = " + model.modelNo(), VERSIONS);
          insert(tx, "registered_models.model_no <> " + model.modelNo(), 3);
          tx.update(
              "UPDATE model_versions SET current_stage = 'Production' WHERE model_no = ? AND"
                  + " version = 7",
              model.modelNo());
          tx.update("ANALYZE");
        });
    modelNos =
        database.read(
            tx ->
                tx.query(
                    "SELECT model_no FROM registered_models ORDER BY model_no",
                    row -> row.longValue(1)));
  }

  private static void insert(Tx tx, String which, int count) throws SQLException {
    tx.update(
        """
        INSERT INTO model_versions (model_no, workspace, name, version, creation_time,
          last_update_time, current_stage, source, storage_location, run_id, status)
        SELECT model_no, ?, name, version, 0, 0, 'None', 's3://b/x', 's3://b/x', '', 'READY'
        FROM registered_models CROSS JOIN UNNEST(?) AS added(version)
        WHERE %s
        """
            .formatted(which),
        Workspace.DEFAULT,
        IntStream.rangeClosed(1, count).boxed().toArray(Integer[]::new));
  }

  @Test
  final void latestVersionsOfALargeModel() {
    RegisteredModel model = model(large);
    assertThat(model.getLatestVersionsList())
        .extracting(version -> version.getVersion() + " " + version.getCurrentStage())
        .containsExactly("7 Production", VERSIONS + " None");
  }

  @Test
  final void aModelIsNoScan() {
    assertNoScan(modelNos.subList(0, 1));
  }

  @Test
  final void aPageOfModelsIsNoScan() {
    assertNoScan(modelNos);
  }

  private void assertNoScan(List<Long> models) {
    Object argument = models.toArray(Long[]::new);
    boolean isPostgres = service.database().dialect() == Dialect.POSTGRESQL;
    String explain = isPostgres ? "EXPLAIN (ANALYZE, COSTS OFF) " : "EXPLAIN ANALYZE ";
    List<String> lines =
        service
            .database()
            .read(
                tx -> tx.query(explain + ModelVersionStore.LATEST, row -> row.string(1), argument));
    String plan = String.join("\n", lines);
    if (isPostgres) {
      assertThat(plan).doesNotContain("Seq Scan").contains("Backward using model_versions_stage");
    } else {
      assertThat(plan).contains("index sorted").doesNotContain("model_versions.tableScan");
      assertThat(scanned(plan)).isLessThan(20L * models.size());
    }
  }

  private static long scanned(String plan) {
    return Pattern.compile("scanCount: (\\d+)")
        .matcher(plan)
        .results()
        .flatMapToLong(count -> LongStream.of(Long.parseLong(count.group(1))))
        .sum();
  }
}
