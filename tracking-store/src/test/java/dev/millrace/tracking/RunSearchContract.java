package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.proto.Metric;
import dev.millrace.proto.Run;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SearchRunsResponse;
import dev.millrace.proto.ViewType;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The runs and answers of the differential cases, recorded from mlflow 3.17.2. */
abstract class RunSearchContract extends TrackingContract {

  private static final List<String> NAMES =
      List.of("Alpha", "alpha", "beta 100%", "beta_1", "it's", "say \"hi\"", "ünï 日本", "a\\b");
  private static final List<String> STATUSES =
      List.of(
          "FINISHED", "FAILED", "RUNNING", "KILLED", "SCHEDULED", "FINISHED", "FINISHED", "FAILED");
  private static final List<String> USERS =
      List.of("ann", "bob", "Ann", "", "ann", "carl", "bob", "ann");
  private static final @Nullable Double[] LOSS = {
    0.5, 0.25, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, null, -1.0, 0.5
  };
  private static final @Nullable Double[] STEPS = {3.0, null, 7.0, 7.0, 1.0, 0.0, 3.0, 2.0};
  private static final @Nullable String[] LEARN = {
    "0.1", "0.01", "0.1", null, "", "ABC", "abc", "0.10"
  };
  private static final @Nullable String[] TEAM = {
    "red", "Red", null, "blue%", "blu_e", "", "green's", "red"
  };
  private static final @Nullable String[] DATASETS = {
    "iris d1 train",
    "iris d2 eval",
    "Wine d1 train",
    null,
    "iris d1",
    "it's d3 test",
    null,
    "100% d_4 train"
  };

  private SearchData data;
  private long experiment;
  private List<String> ids;

  @BeforeAll
  final void fill() {
    data = new SearchData(store.database());
    experiment = data.experiment(unique("runs"), 0, Map.of());
    ids = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      SearchData.Run run =
          data.run(experiment, NAMES.get(i), 1000 + i * 37 % 100)
              .set("status", STATUSES.get(i))
              .set("user_id", USERS.get(i))
              .tag("mlflow.note.content", "note " + i);
      ids.add(run.id);
      if (i % 3 != 0) {
        run.set("end_time", 2000L + i);
      }
      if (LOSS[i] != null) {
        run.metric("loss", LOSS[i]);
      }
      if (STEPS[i] != null) {
        run.metric("n steps", STEPS[i]);
      }
      if (LEARN[i] != null) {
        run.param("lr", LEARN[i]);
      }
      if (TEAM[i] != null) {
        run.tag("team", TEAM[i]);
      }
      if (i % 2 == 1) {
        run.param("a.b/c d", "" + i).tag("x y", "z");
      }
      if (DATASETS[i] != null) {
        String[] parts = DATASETS[i].split(" ", -1);
        run.dataset(parts[0], parts[1], parts.length > 2 ? parts[2] : null);
      }
    }
    data.update("UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_id = ?", ids.get(7));
  }

  /** Digits are the numbers of the runs that are found, newest first. */
  @Test
  final void filters() {
    Map<String, String> expected = new HashMap<>();
    """
    metrics.loss = 0.5 → 0
    metrics.loss = 0 →
    metrics.loss != 0.5 → 24163
    metrics.loss < 0.5 → 416
    metrics.loss <= -1 → 46
    metrics.loss > 0 → 130
    metrics.loss >= 1.7976931348623157e308 → 3
    metrics.loss >= -1.7976931348623157e308 → 41630
    metrics.loss > 1e400 →
    metrics.loss > -0.5 AND metrics.loss < 0.4 → 1
    metrics.`n steps` >= 3 AND metrics.loss > 0 → 30
    metrics."n steps" > 2 → 2630
    metrics.none > 0 →
    metrics. > 1 →
    params.lr = '0.1' → 20
    params.lr != '0.1' → 5416
    params.lr = '' → 4
    params.lr LIKE '%b%' → 6
    params.lr ILIKE '%b%' → 56
    params.lr LIKE '0.%' → 210
    params.lr LIKE '%' → 524160
    params.lr LIKE '' → 4
    params.none = 'x' →
    tags.team = 'red' → 0
    tags.team ILIKE 'RED' → 10
    tags.team LIKE 'blu_%' → 43
    tags.team LIKE 'blu\\_e' →
    tags.team LIKE 'blue%' → 3
    tags.team = "green's" → 6
    tags.team = 'green''s' →
    tags.team LIKE "%'%" → 6
    tags.mlflow.note.content = 'note 1' → 1
    tags.`x y` = 'z' AND params.`a.b/c d` != '3' → 51
    params.lr IS NULL → 3
    params.lr IS NOT NULL → 524160
    params.none is null → 5241630
    params.none IS NOT NULL →
    tags.team IS NULL AND params.lr = '0.1' → 2
    params.lr IS NULL AND tags.team IS NOT NULL → 3
    params.lr IS NULL AND params.lr = 'x' →
    status = 'FINISHED' → 560
    status != 'FINISHED' → 2413
    status ILIKE 'finished' → 560
    user_id = 'ann' → 40
    user_id ILIKE 'ann' → 240
    `run name` = 'Alpha' → 0
    run_name ILIKE 'ALPHA' → 10
    run_name LIKE 'beta 100%' → 2
    run_name LIKE 'beta 100\\%' →
    run_name LIKE '%日本' → 6
    run_name ILIKE 'ÜNÏ%' →
    attributes.`Run Name` LIKE '_lpha' → 10
    run_name = '' →
    artifact_uri LIKE '%${1}/artifacts' → 1
    run_id = '${1}' → 1
    run_id != '${1}' → 524630
    run_id IN ('${1}', "${3}", 'none') → 13
    attribute.run_id NOT IN ('${1}', '${3}') → 52460
    run_id IN ('${1}') AND metrics.loss > 0 → 1
    start_time = 1037 → 1
    created != 1037 → 524630
    Created >= 1037 → 5241
    start_time > 1036.5 → 5241
    start_time = 1037.5 →
    start_time > 99999999999999999999 →
    start_time < 99999999999999999999 → 5241630
    end_time != 1037 → 5241
    end_time >= 2001.0 → 5241
    end_time < 1e400 → 5241
    dataset.name = 'iris' → 410
    datasets.name != 'iris' → 52
    dataset.name IN ('iris', 'Wine') → 2410
    dataset.name NOT IN ('iris') → 52
    dataset.name ILIKE 'WINE' → 2
    dataset.digest LIKE 'd_' → 52410
    dataset.context = 'train' → 20
    dataset.context NOT IN ('train') → 51
    dataset.context ILIKE 'T%' → 520
    dataset.name = 'iris' AND dataset.context = 'eval' → 1
    dataset.name = 'iris' AND dataset.digest = 'd1' AND metrics.loss > 0 → 0
    metrics.loss > 0 AND → 130
    metrics.loss > 1 metrics.loss > 2 → 3
     → 5241630
    """
        .lines()
        .forEach(line -> expected.put(line.split(" ?→", -1)[0], line.split(" ?→", -1)[1].strip()));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, found) ->
            softly
                .assertThat(numbers(search(request().setFilter(withIds(filter)))))
                .as(filter)
                .isEqualTo(found));
    softly.assertAll();
  }

  @Test
  final void orders() {
    Map<String, String> expected = new HashMap<>();
    """
    start_time → 0361425
    attributes.start_time DESC → 5241630
    attribute.end_time DESC, start_time → 5421036
    end_time → 1245630
    metrics.loss → 4610325
    metric.loss DESC → 3016425
    metrics.none → 5241630
    params.lr → 4120563
    params.lr DESC → 6520143
    tags.team → 5143602
    tags.team DESC → 0634152
    metrics.`n steps` DESC, params.lr ASC → 2306451
    params.none DESC, metrics.loss → 4610325
    status, user_id DESC → 1560324
    run_name DESC → 6543210
    user_id, start_time DESC → 3240165
    params."a.b/c d" DESC → 5312460
    `start_time` DESC → 5241630
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (order, found) -> {
          SearchRunsRequest.Builder request =
              request().addAllOrderBy(List.of(order.split(", ", -1)));
          softly.assertThat(numbers(search(request))).as(order).isEqualTo(found);
          for (int size : new int[] {1, 3, 7}) {
            softly.assertThat(numbers(pages(request, size))).as(order + size).isEqualTo(found);
          }
        });
    softly.assertAll();
  }

  @Test
  final void views() {
    assertThat(numbers(search(request().setRunViewType(ViewType.DELETED_ONLY)))).isEqualTo("7");
    assertThat(numbers(search(request().setRunViewType(ViewType.ALL)))).isEqualTo("52741630");
    assertThat(numbers(search(request().setRunViewType(ViewType.ACTIVE_ONLY))))
        .isEqualTo("5241630");
  }

  @Test
  final void returnsRunsWithTheirData() {
    Run run =
        search(
                request()
                    .setFilter(
                        "metrics.loss != 0.5 AND metrics.`n steps` = 7 AND params.lr = '0.1'"))
            .getFirst();
    assertThat(run).isEqualTo(run(ids.get(2)));
    assertThat(run.getData().getMetricsList())
        .extracting(Metric::getValue)
        .containsExactlyInAnyOrder(Double.NaN, 7.0);
  }

  @Test
  final void looksInTheExperimentsItIsAskedFor() {
    long other = data.experiment(unique("other"), 0, Map.of());
    SearchData.Run run = data.run(other, "x", 5).metric("loss", 0.3);
    SearchRunsRequest.Builder both = request().addExperimentIds("" + other);
    assertThat(search(both))
        .hasSize(8)
        .last()
        .extracting(r -> r.getInfo().getRunId())
        .isEqualTo(run.id);
    both.addOrderBy("metrics.loss DESC").setFilter("metrics.loss < 1");
    assertThat(pages(both, 2))
        .extracting(r -> r.getInfo().getRunName())
        .containsExactly("Alpha", "x", "alpha", "ünï 日本", "it's");
    both.addExperimentIds("987654321");
    IntStream.range(0, 20)
        .forEach(_ -> both.addExperimentIds("" + data.experiment(unique("e"), 0, Map.of())));
    assertThat(pages(both, 2)).hasSize(5);
    assertThat(search(request().clearExperimentIds())).isEmpty();
    assertThat(search(request().clearExperimentIds().addExperimentIds("987654321"))).isEmpty();
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
        () -> search(request().addExperimentIds("abc")));
  }

  @Test
  final void checksThePageSize() {
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
        () -> search(request().setMaxResults(0)));
    SearchRunsResponse last = find(request().setMaxResults(7).build());
    assertThat(last.getRunsCount()).isEqualTo(7);
    assertThat(last.hasNextPageToken()).isFalse();
  }

  @Test
  final void everyPageTakesTheSameFewStatements() {
    SearchRunsRequest.Builder request =
        request().addOrderBy("metrics.loss").setFilter("params.lr LIKE '%' AND tags.team != 'x'");
    pages(request, 2); // Fills the dictionary of keys.
    String token = find(request.setMaxResults(2).build()).getNextPageToken();
    long first = statements(() -> find(request.clearPageToken().build()));
    long second = statements(() -> find(request.setPageToken(token).build()));
    // Experiments, the page and what was logged to its runs; the second reads the three segments.
    assertThat(first).isLessThanOrEqualTo(10);
    assertThat(second).isEqualTo(first + 2);
  }

  /** Where few runs fulfil a filter they are found in another way than where they are many. */
  @Test
  final void bothWaysOfFilteringAgree() {
    List<String> filters =
        List.of(
            "metrics.loss > 0",
            "metrics.loss <= 0.5 AND params.lr LIKE '%1%'",
            "tags.team != 'red' AND attributes.status = 'FINISHED'",
            "params.lr != 'x' AND metrics.\"n steps\" >= 1 AND metrics.\"n steps\" < 7",
            "params.nobody = 'x'");
    for (String filter : filters) {
      for (String order : List.of("metrics.loss DESC", "params.lr", "tags.team DESC", "end_time")) {
        assertThat(found(filter, order, true))
            .as("%s by %s", filter, order)
            .isEqualTo(found(filter, order, false));
      }
    }
  }

  private List<String> found(String filter, String order, boolean few) {
    RunQuery query = RunQuery.parse(filter, List.of(order));
    return store
        .database()
        .read(
            tx -> {
              Map<String, Integer> keyIds =
                  new Keys(store.database()).find(tx, RunSearch.keys(query));
              RunSearch search =
                  RunSearch.of(
                      query, tx.dialect(), keyIds, List.of(experiment), LifecycleStage.ACTIVE);
              List<Long> candidates = search.few(tx);
              assertThat(candidates).isNotNull();
              return search
                  .sql(few ? candidates : null)
                  .read(tx, null, 100, RunStore::read)
                  .rows()
                  .stream()
                  .map(RunRow::runId)
                  .toList();
            });
  }

  @Test
  final void refusesForeignTokens() {
    SearchRunsRequest.Builder request = request().setMaxResults(2).addOrderBy("params.lr");
    String token = find(request.build()).getNextPageToken();
    Map<String, @Nullable Object> content = PageToken.decode(token);
    assertThat(find(request.setPageToken(token).setMaxResults(3).build()).getRunsCount())
        .isEqualTo(3);
    for (SearchRunsRequest.Builder other :
        List.of(
            request.clone().setFilter("params.lr != 'x'"),
            request.clone().clearOrderBy(),
            request.clone().addOrderBy("status"),
            request.clone().setRunViewType(ViewType.ALL),
            request.clone().addExperimentIds("0"))) {
      assertInvalid(other, "Invalid page token, parsed value={'query': ");
    }
    for (Object after :
        List.of(
            List.of(),
            "x",
            List.of("x"),
            List.of(-1L),
            List.of(9L, "a", "a", 1L, "a"),
            List.of(0L, 1L, 1L, 1L, 1L),
            List.of(0L, "a"),
            List.of(0L, "\0", "\0", 1L, "x"))) {
      Map<String, @Nullable Object> hostile = new HashMap<>(content);
      hostile.put("after", after);
      assertInvalid(request.setPageToken(PageToken.encode(hostile)), "Invalid page token, parsed");
    }
    assertInvalid(request.setPageToken("x"), "Invalid page token, could not base64-decode");
    assertInvalid(request.setPageToken("e30="), "Invalid page token, parsed value={}");
  }

  /** Runs with many equal and missing values, in the order that MLflow's rules give them. */
  @Test
  final void ordersAreTotal() {
    Random random = new Random(7);
    long many = data.experiment(unique("many"), 0, Map.of());
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      long start = random.nextInt(3);
      SearchData.Run run = data.run(many, "r", start);
      Double metric = pick(random, null, Double.NaN, 0.0, 1.0, -1.0);
      if (metric != null) {
        run.metric("m", metric);
      }
      String param = pick(random, null, "", "a", "b", "a".repeat(128) + i % 3);
      if (param != null) {
        run.param("p", param);
      }
      Long end = pick(random, null, 5L, 6L);
      if (end != null) {
        run.set("end_time", end);
      }
      samples.add(new Sample(run.id, start, metric, param, end));
    }
    List<String> fields = new ArrayList<>(List.of("metrics.m", "params.p", "end_time"));
    for (int i = 0; i < 12; i++) {
      Collections.shuffle(fields, random);
      List<String> orderBy = new ArrayList<>();
      Comparator<Sample> order = (_, _) -> 0;
      for (String field : fields.subList(0, 1 + i % 3)) {
        boolean descends = random.nextBoolean();
        orderBy.add(field + (descends ? " DESC" : ""));
        order = order.thenComparing(Sample.by(field, descends));
      }
      order = order.thenComparing(s -> -s.start).thenComparing(Sample::id);
      SearchRunsRequest.Builder request =
          SearchRunsRequest.newBuilder().addExperimentIds("" + many).addAllOrderBy(orderBy);
      assertThat(pages(request, 7))
          .as("%s", orderBy)
          .extracting(r -> r.getInfo().getRunId())
          .containsExactlyElementsOf(samples.stream().sorted(order).map(Sample::id).toList());
    }
  }

  @Test
  final void anythingElseIsAnInvalidParameter() {
    Random random = new Random(11);
    List<String> pieces =
        List.of(
            "metrics.loss",
            "params.lr",
            "tags.`x y`",
            "run_id",
            "status",
            "dataset.name",
            "1",
            "'x'",
            "\"y\"",
            "('a', 'b')",
            "(",
            ")",
            "=",
            ">",
            "LIKE",
            "IN",
            "NOT IN",
            "IS NULL",
            "AND",
            ",",
            ";",
            "`",
            "'",
            "\\",
            "\0",
            "\ud800",
            "-1e999",
            "'%_%'",
            "999999999999999999999",
            "end_time",
            "ILIKE",
            "!=");
    for (int i = 0; i < 600; i++) {
      String text =
          random
              .ints(1 + random.nextInt(7), 0, pieces.size())
              .mapToObj(pieces::get)
              .collect(Collectors.joining(" "));
      SearchRunsRequest.Builder request = request();
      boolean asOrder = i % 4 == 0;
      try {
        find((asOrder ? request.addOrderBy(text) : request.setFilter(text)).build());
      } catch (StatusRuntimeException e) {
        assertThat(Errors.fromStatus(e).code())
            .as(text)
            .isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
      }
    }
  }

  private record Sample(
      String id, long start, @Nullable Double metric, @Nullable String param, @Nullable Long end) {

    static Comparator<Sample> by(String field, boolean descends) {
      return switch (field) {
        case "metrics.m" ->
            by(
                s -> s.metric == null ? 2 : s.metric.isNaN() ? 1 : 0,
                s -> s.metric == null || s.metric.isNaN() ? 0.0 : s.metric,
                descends);
        case "params.p" ->
            by(s -> s.param == null ? 1 : 0, s -> s.param == null ? "" : s.param, descends);
        default -> by(s -> s.end == null ? 1 : 0, s -> s.end == null ? 0L : s.end, descends);
      };
    }

    /** What is missing comes last in both directions. */
    private static <T extends Comparable<T>> Comparator<Sample> by(
        Function<Sample, Integer> rank, Function<Sample, T> value, boolean descends) {
      Comparator<Sample> values = Comparator.comparing(value);
      return Comparator.comparing(rank).thenComparing(descends ? values.reversed() : values);
    }
  }

  @SafeVarargs
  private static <T> @Nullable T pick(Random random, @Nullable T... values) {
    return values[random.nextInt(values.length)];
  }

  private SearchRunsRequest.Builder request() {
    return SearchRunsRequest.newBuilder().addExperimentIds("" + experiment);
  }

  private String withIds(String filter) {
    return filter.replace("${1}", ids.get(1)).replace("${3}", ids.get(3));
  }

  private SearchRunsResponse find(SearchRunsRequest request) {
    return Parts.merge(runs.searchRuns(request));
  }

  private List<Run> search(SearchRunsRequest.Builder request) {
    return find(request.build()).getRunsList();
  }

  private List<Run> pages(SearchRunsRequest.Builder request, int size) {
    List<Run> all = new ArrayList<>();
    SearchRunsRequest.Builder next = request.clone().setMaxResults(size);
    while (true) {
      SearchRunsResponse page = find(next.build());
      all.addAll(page.getRunsList());
      if (!page.hasNextPageToken()) {
        return all;
      }
      assertThat(page.getRunsCount()).isEqualTo(size);
      next.setPageToken(page.getNextPageToken());
    }
  }

  private String numbers(List<Run> found) {
    return found.stream()
        .map(run -> "" + ids.indexOf(run.getInfo().getRunId()))
        .collect(Collectors.joining());
  }

  private void assertInvalid(SearchRunsRequest.Builder request, String message) {
    assertThatThrownBy(() -> find(request.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).startsWith(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }
}
