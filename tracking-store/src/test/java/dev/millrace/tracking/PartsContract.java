package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.GetMetricHistoryRequest;
import dev.millrace.proto.GetMetricHistoryResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.MetricServiceGrpc;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SearchRunsResponse;
import io.grpc.stub.BlockingClientCall;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large answers come in parts, as fast as their caller takes them. */
@Timeout(120)
abstract class PartsContract extends TrackingContract {

  private static final int RUNS = 2_150;
  private static final int POINTS = 20_000;

  private SearchData data;
  private long experiment;
  private List<String> byStart;
  private String run;

  @BeforeAll
  final void fill() {
    data = new SearchData(store.database());
    experiment = data.experiment(unique("parts"), 0, Map.of());
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      SearchData.Run added = data.run(experiment, "r" + i, i);
      if (i % 3 == 0) {
        added.metric("m", i % 7);
      }
      ids.add(added.id);
    }
    byStart = List.copyOf(ids).reversed();
    run = newRun("" + experiment);
    for (int from = 0; from < POINTS; from += 1_000) {
      log(
          run,
          IntStream.range(from, from + 1_000)
              .mapToObj(i -> point("p", i, i / 3, i))
              .toArray(Metric[]::new));
    }
  }

  @Test
  final void aPageOfRunsComesInPartsThatMakeItWhole() {
    SearchRunsRequest request = request().setMaxResults(2_100).build();
    List<SearchRunsResponse> parts = new ArrayList<>();
    long statements = statements(() -> runs.searchRuns(request).forEachRemaining(parts::add));
    assertThat(parts).hasSize(21).allMatch(part -> part.getRunsCount() == 100);
    assertThat(parts.subList(0, 20)).noneMatch(SearchRunsResponse::hasNextPageToken);
    assertThat(ids(parts)).isEqualTo(byStart.subList(0, 2_100));
    // Each part takes as many as a small page: those that fill it.
    assertThat(statements).isLessThanOrEqualTo(21 * 7L);

    String token = parts.getLast().getNextPageToken();
    List<SearchRunsResponse> rest = new ArrayList<>();
    runs.searchRuns(request().setMaxResults(2_100).setPageToken(token).build())
        .forEachRemaining(rest::add);
    assertThat(ids(rest)).isEqualTo(byStart.subList(2_100, RUNS));
    assertThat(rest).hasSize(1).noneMatch(SearchRunsResponse::hasNextPageToken);
  }

  @Test
  final void partsOfLargeRunsHaveFewerOfThem() {
    long wide = data.experiment(unique("wide"), 0, Map.of());
    for (int i = 0; i < 30; i++) {
      SearchData.Run added = data.run(wide, "w" + i, i);
      log(
          added.id,
          IntStream.range(0, i == 20 ? 1_000 : 900)
              .mapToObj(k -> point("wide" + k, k, 0, k))
              .toArray(Metric[]::new));
      if (i == 20) {
        for (int from = 1_000; from < 22_000; from += 1_000) {
          log(
              added.id,
              IntStream.range(from, from + 1_000)
                  .mapToObj(k -> point("wide" + k, k, 0, k))
                  .toArray(Metric[]::new));
        }
      }
    }
    List<SearchRunsResponse> parts = new ArrayList<>();
    runs.searchRuns(SearchRunsRequest.newBuilder().addExperimentIds("" + wide).build())
        .forEachRemaining(parts::add);
    List<Run> found = parts.stream().flatMap(part -> part.getRunsList().stream()).toList();
    assertThat(found)
        .extracting(run -> run.getInfo().getRunName())
        .isEqualTo(IntStream.range(0, 30).mapToObj(i -> "w" + (29 - i)).toList());
    assertThat(found)
        .extracting(run -> run.getData().getMetricsCount())
        .isEqualTo(IntStream.range(0, 30).mapToObj(i -> i == 9 ? 22_000 : 900).toList());
    assertThat(parts)
        .hasSizeGreaterThan(1)
        .allMatch(
            part ->
                part.getRunsCount() == 1
                    || part.getRunsList().stream()
                            .mapToInt(r -> r.getData().getMetricsCount())
                            .sum()
                        <= 10_000);
  }

  /** The order goes through segments: runs that have the metric, and those that have not. */
  @Test
  final void noRunIsMissedOrMetTwice() {
    for (String order : List.of("metrics.m", "metrics.m DESC")) {
      SearchRunsRequest.Builder request = request().addOrderBy(order);
      List<SearchRunsResponse> small = new ArrayList<>();
      String token = "";
      do {
        runs.searchRuns(request.setMaxResults(97).setPageToken(token).build())
            .forEachRemaining(small::add);
        token = small.getLast().getNextPageToken();
      } while (!token.isEmpty());
      List<SearchRunsResponse> whole = new ArrayList<>();
      runs.searchRuns(request.setMaxResults(50_000).setPageToken("").build())
          .forEachRemaining(whole::add);
      assertThat(ids(whole)).isEqualTo(ids(small)).hasSize(RUNS).doesNotHaveDuplicates();
    }
  }

  @Test
  final void aHistoryComesInParts() {
    List<Double> values = new ArrayList<>();
    int count = 0;
    for (Iterator<GetMetricHistoryResponse> parts = metrics.getMetricHistory(history().build());
        parts.hasNext();
        count++) {
      GetMetricHistoryResponse part = parts.next();
      assertThat(part.hasNextPageToken()).isFalse();
      part.getMetricsList().forEach(point -> values.add(point.getValue()));
    }
    assertThat(values).isEqualTo(IntStream.range(0, POINTS).mapToObj(i -> (double) i).toList());
    assertThat(count).isEqualTo(10);
  }

  @Test
  final void nothingIsReadForACallerWhoDoesNotRead() throws Exception {
    BlockingClientCall<?, GetMetricHistoryResponse> points =
        MetricServiceGrpc.newBlockingV2Stub(channel).getMetricHistory(history().build());
    BlockingClientCall<?, SearchRunsResponse> found =
        RunServiceGrpc.newBlockingV2Stub(channel)
            .searchRuns(request().setMaxResults(2_100).build());
    assertThat(points.read()).isNotNull();
    assertThat(found.read()).isNotNull();
    // Whatever was read ahead has been by now.
    Thread.sleep(500);
    assertThat(statements(() -> sleep(500))).isZero();
    points.cancel("Not wanted any more", null);
    found.cancel("Not wanted any more", null);
    assertThat(statements(() -> sleep(500))).isLessThanOrEqualTo(7);
  }

  /** The answer goes on after others have used all connections of the store. */
  @Test
  final void slowCallersHoldNoConnection() throws Exception {
    List<BlockingClientCall<?, GetMetricHistoryResponse>> slow = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      slow.add(MetricServiceGrpc.newBlockingV2Stub(channel).getMetricHistory(history().build()));
      assertThat(slow.getLast().read()).isNotNull();
    }
    assertThat(run(run).getInfo().getRunId()).isEqualTo(run);
    for (BlockingClientCall<?, GetMetricHistoryResponse> call : slow) {
      int points = 2_000;
      for (GetMetricHistoryResponse part = call.read(); part != null; part = call.read()) {
        points += part.getMetricsCount();
      }
      assertThat(points).isEqualTo(POINTS);
    }
  }

  private SearchRunsRequest.Builder request() {
    return SearchRunsRequest.newBuilder()
        .addExperimentIds("" + experiment)
        .setFilter("attributes.run_id != '" + run + "'");
  }

  private GetMetricHistoryRequest.Builder history() {
    return GetMetricHistoryRequest.newBuilder().setRunId(run).setMetricKey("p");
  }

  private static List<String> ids(List<SearchRunsResponse> parts) {
    return parts.stream()
        .flatMap(part -> part.getRunsList().stream())
        .map(Run::getInfo)
        .map(info -> info.getRunId())
        .toList();
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
