package dev.millrace.registry;

import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.GetModelVersionByAliasRequest;
import dev.millrace.proto.GetRegisteredModelRequest;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.RegisteredModelServiceGrpc;
import dev.millrace.proto.SearchModelVersionsRequest;
import dev.millrace.proto.SearchModelVersionsResponse;
import dev.millrace.proto.SearchRegisteredModelsRequest;
import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long reads take with a model of 200 versions and with one of 200,000, each in a registry of
 * its own, called in turn so that both see the same machine. It prints a table, and asserts
 * nothing. It runs only when named: {@code mvn verify -pl registry-service -am
 * -Dtest=RegistryScaleMeasurement -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class RegistryScaleMeasurement {

  private static final int SMALL = 200;
  private static final int LARGE = 200_000;
  private static final int WARM_UP = 100;
  private static final int ROUNDS = 300;

  /** Every run, and every value of the tag, has 100 versions in both: a page. */
  private static final int RUNS_OF_SMALL = 2;

  @Test
  void onH2(@TempDir Path folder) {
    measure("H2", H2.in(folder), H2.in(folder));
  }

  @Test
  void onPostgres() {
    measure("PostgreSQL", Postgres.newDatabase(), Postgres.newDatabase());
  }

  private static void measure(String database, String smallUrl, String largeUrl) {
    try (Registry small = new Registry(smallUrl, SMALL);
        Registry large = new Registry(largeUrl, LARGE)) {
      System.out.printf(
          "%n| %s | %,d versions, ms | %,d versions, ms | ratio |%n|---|---|---|---|%n",
          database, SMALL, LARGE);
      List<Registry> registries = List.of(small, large);
      Map<String, Runnable> reads = small.reads();
      Map<String, Runnable> largeReads = large.reads();
      for (String read : reads.keySet()) {
        List<Runnable> both = List.of(reads.get(read), largeReads.get(read));
        for (int i = 0; i < WARM_UP; i++) {
          both.forEach(Runnable::run);
        }
        double[][] times = new double[2][ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
          for (int which = 0; which < 2; which++) {
            registries.get(which).touch(i);
            long start = System.nanoTime();
            both.get(which).run();
            times[which][i] = (System.nanoTime() - start) / 1e6;
          }
        }
        double a = lowerQuartile(times[0]);
        double b = lowerQuartile(times[1]);
        System.out.printf("| %s | %.2f | %.2f | %.2f |%n", read, a, b, b / a);
      }
    }
  }

  /** What is longer than this mostly tells how busy the machine is with other things. */
  private static double lowerQuartile(double[] times) {
    Arrays.sort(times);
    return times[times.length / 4];
  }

  /** A registry with one model. */
  private static final class Registry implements AutoCloseable {

    private final RegistryService service;
    private final ManagedChannel channel;
    private final RegistryData data;
    private final ModelVersionServiceGrpc.ModelVersionServiceBlockingStub versions;
    private final RegisteredModelServiceGrpc.RegisteredModelServiceBlockingStub models;

    Registry(String databaseUrl, int count) {
      String listen = "in-process:" + UUID.randomUUID();
      service =
          new RegistryService(
              new RegistryConfiguration(
                  databaseUrl,
                  listen,
                  "in-process:" + UUID.randomUUID(),
                  4,
                  "mlflow-artifacts:/",
                  "",
                  ""),
              WebhookSettings.defaults());
      service.start();
      channel = Target.parse(listen).connect();
      versions = ModelVersionServiceGrpc.newBlockingStub(channel);
      models = RegisteredModelServiceGrpc.newBlockingStub(channel);
      data = new RegistryData(service.database());
      int runs = count * RUNS_OF_SMALL / SMALL;
      data.versions(data.model("m", 0, Map.of("a", "b")), count, 0, runs, runs, false);
      data.update(
          """
          INSERT INTO registered_model_aliases
          SELECT model_no, 'champion', 150 FROM registered_models WHERE name = 'm'
          """);
      data.analyze();
    }

    /** Changes a row of each table, without which H2 would repeat its answer to the same query. */
    void touch(int round) {
      data.update("UPDATE registered_models SET description = ?", "round " + round);
      data.update("UPDATE registered_model_tags SET value = ?", "round " + round);
      data.update("UPDATE registered_model_aliases SET version = ?", 100 + round % 100);
      data.update("UPDATE model_versions SET description = ? WHERE version_no = 1", "" + round);
      data.update("UPDATE model_version_tags SET value = ? WHERE version_no = 1", "v" + round);
    }

    Map<String, Runnable> reads() {
      Map<String, Runnable> reads = new LinkedHashMap<>();
      reads.put(
          "version by alias",
          () ->
              versions.getModelVersionByAlias(
                  GetModelVersionByAliasRequest.newBuilder()
                      .setName("m")
                      .setAlias("champion")
                      .build()));
      reads.put(
          "get registered model",
          () ->
              models.getRegisteredModel(
                  GetRegisteredModelRequest.newBuilder().setName("m").build()));
      reads.put(
          "search registered models",
          () ->
              Parts.merge(
                  models.searchRegisteredModels(
                      SearchRegisteredModelsRequest.newBuilder().setMaxResults(100).build())));
      add(reads, "");
      add(reads, "name = 'm'");
      add(reads, "run_id = 'run1'");
      add(reads, "tags.k = 'v1'");
      add(reads, "name = 'm' AND tags.k = 'v1'");
      add(reads, "name = 'm' AND version_number = 150");
      for (String direction : List.of("", " DESC")) {
        for (String field :
            List.of("creation_timestamp", "last_updated_timestamp", "version_number")) {
          add(reads, "name = 'm'", field + direction);
          add(reads, "", field + direction);
        }
      }
      SearchModelVersionsRequest.Builder second = request("name = 'm'");
      second.setPageToken(
          Parts.merge(versions.searchModelVersions(second.build())).getNextPageToken());
      reads.put("the second page of name = 'm'", () -> search(second.build()));
      return reads;
    }

    private void add(Map<String, Runnable> reads, String filter, String... orderBy) {
      List<String> words = new ArrayList<>(List.of("versions, 100 of them"));
      if (!filter.isEmpty()) {
        words.add("with " + filter);
      }
      words.addAll(Arrays.stream(orderBy).map(order -> "by " + order).toList());
      SearchModelVersionsRequest request = request(filter).addAllOrderBy(List.of(orderBy)).build();
      reads.put(String.join(" ", words), () -> search(request));
    }

    private static SearchModelVersionsRequest.Builder request(String filter) {
      return SearchModelVersionsRequest.newBuilder().setFilter(filter).setMaxResults(100);
    }

    private void search(SearchModelVersionsRequest request) {
      SearchModelVersionsResponse page = Parts.merge(versions.searchModelVersions(request));
      if (page.getModelVersionsCount() == 0) {
        throw new IllegalStateException("Nothing found: " + request);
      }
    }

    @Override
    public void close() {
      channel.shutdownNow();
      service.stop();
    }
  }
}
