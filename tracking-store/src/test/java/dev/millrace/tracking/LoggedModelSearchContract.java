package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.sql.PageToken;
import dev.millrace.proto.LoggedModel;
import dev.millrace.proto.LoggedModelServiceGrpc;
import dev.millrace.proto.SearchLoggedModelsRequest;
import dev.millrace.proto.SearchLoggedModelsRequest.Dataset;
import dev.millrace.proto.SearchLoggedModelsRequest.OrderBy;
import dev.millrace.proto.SearchLoggedModelsResponse;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The models and answers of the differential cases, recorded from mlflow 3.17.2, but for metrics
 * that are NaN, which it takes for 0.
 */
abstract class LoggedModelSearchContract extends TrackingContract {

  private static final @Nullable Double[] VALUES = {0.5, 0.25, Double.NaN, Double.MAX_VALUE, null};
  private static final List<String> LEARN = List.of("0.1", "0.01", "0.1");

  private String experiment;
  private List<String> ids;

  @BeforeAll
  final void fill() {
    SearchData data = new SearchData(store.database());
    long no = data.experiment(unique("models"), 0, Map.of());
    experiment = "" + no;
    ids = new ArrayList<>();
    for (int i = 0; i < VALUES.length; i++) {
      String id = data.model(no, "m%d-name".formatted(i), 1000 + i);
      ids.add(id);
      data.update(
          "UPDATE logged_models SET model_type = ?, source_run_id = ?, status = ? WHERE model_id ="
              + " ?",
          i % 2 == 0 ? "agent" : "",
          i == 1 ? "run" : "",
          i == 0 ? 2 : 1,
          id);
      if (i < 4) {
        data.update(
            "INSERT INTO logged_model_tags (model_id, key, experiment_id, value) VALUES (?, ?, ?,"
                + " ?)",
            id,
            "team",
            no,
            i % 2 == 0 ? "red" : "blue");
      }
      if (i < 3) {
        data.update(
            "INSERT INTO logged_model_params (model_id, key, experiment_id, value) VALUES (?, ?, ?,"
                + " ?)",
            id,
            "lr",
            no,
            LEARN.get(i));
      }
      Double value = VALUES[i];
      if (value != null) {
        data.modelMetric(
            id, no, "acc", 1, value - (i == 0 ? 0.4 : 0), i < 2 ? "d" : "e", i == 0 ? "y" : "x");
        data.modelMetric(id, no, "acc", 2, value, null, null);
      }
    }
  }

  @Test
  final void filters() {
    Map<String, String> expected = new HashMap<>();
    """
    name = 'm0-name' → 0
    attributes.name != 'm0-name' → 4321
    name ILIKE 'M0%' → 0
    name like 'm%' → 43210
    name IN ('m0-name', 'm1-name') → 10
    name not in ('m0-name') → 4321
    name IN () →
    name NOT IN () → 43210
    name = m0-name → 0
    name = "m0-name" → 0
    name = 'it''s' →
    model_type = '' → 31
    status = 2 → 0
    status = '2' → 0
    status = 'READY' → 0
    status != 'LOGGED_MODEL_READY' → 4321
    status LIKE '%READY' → 0
    model_id IN ('${1}', '${2}') → 21
    source_run_id = 'run' → 1
    experiment_id = '${experiment}' → 43210
    experiment_id != 'x' → 43210
    creation_time > 1002.5 → 43
    attributes.creation_timestamp >= 1003 → 43
    last_updated_timestamp_ms < 5 →
    artifact_location LIKE 'mlflow-artifacts:%' → 43210
    lifecycle_stage = 'active' → 43210
    metrics.acc > 0.3 → 30
    metrics.acc != 0.5 → 3210
    metrics.`acc` >= 0.25 → 310
    metrics.acc > 0.4 AND metrics.acc < 0.2 → 0
    metrics.none > 0 →
    params.lr = '0.1' → 20
    params.lr = 0.1 → 20
    params.`lr` LIKE '0.0%' → 1
    params.lr IN ('0.01') AND tags.team = 'blue' → 1
    tags.team != 'red' → 31
    AND → 43210
    name = 'm0-name' AND metrics.acc > 0.3 AND params.lr = '0.1' → 0
    """
        .lines()
        .forEach(line -> expected.put(line.split(" →", -1)[0], line.split(" →", -1)[1].strip()));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, found) -> {
          String text =
              filter
                  .replace("${1}", ids.get(1))
                  .replace("${2}", ids.get(2))
                  .replace("${experiment}", experiment);
          softly.assertThat(numbers(search(request().setFilter(text)))).as(filter).isEqualTo(found);
        });
    softly.assertAll();
  }

  @Test
  final void refusals() {
    String list =
        "Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr"
            + " = 0.01').";
    Map<String, String> expected = new HashMap<>();
    expected.put("name", "Invalid filter string: 'name'. " + list);
    expected.put(
        "name = 'a' OR name = 'b'", "Invalid filter string: \"name = 'a' OR name = 'b'\". " + list);
    expected.put(
        "a = 1; b", "Invalid filter string: 'a = 1; b'. Expected a single SQL expression.");
    expected.put(
        "tags.team IS NULL",
        "Invalid comparison: tags.teamIS NULL. Expected a comparison with 3 tokens.");
    expected.put(
        "tag.team = 'red'",
        "Invalid entity type: 'tag'. Expected one of ['attributes', 'metrics', 'params', 'tags'].");
    expected.put(
        "creation_time LIKE 5",
        "Invalid comparison operator for attributes.creation_timestamp_ms: 'LIKE'. Expected one of"
            + " ('<', '<=', '>', '>=', '=', '!=').");
    expected.put(
        "name > 'a'",
        "Invalid comparison operator for attributes.name: '>'. Expected one of ('=', '!=', 'LIKE',"
            + " 'ILIKE', 'IN', 'NOT IN').");
    expected.put("metrics.acc > 'x'", "Expected a numeric value for metrics.acc. Found 'x'");
    expected.put(
        "attributes.tags = 'x'", "Invalid attribute key 'tags' specified. Valid keys are '{");
    expected.put("name IN (5)", "While parsing a list in the query, expected string value");
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, message) ->
            softly.check(() -> assertInvalid(request().setFilter(filter), message)));
    softly.assertAll();
    assertInvalid(
        request().addDatasets(Dataset.newBuilder().setDatasetDigest("x")),
        "`dataset_name` in the `datasets` clause must be specified.");
    assertInvalid(
        request().addOrderBy(order("params.lr", true)),
        "Invalid order by field name: params.lr. Only metrics are supported.");
    assertInvalid(request().addOrderBy(order("tags", true)), "Invalid order by field name: tags");
    assertInvalid(
        request().setMaxResults(-1),
        "Invalid value -1 for parameter 'max_results' supplied. It must be a positive integer");
  }

  @Test
  final void orders() {
    assertOrder("43210");
    assertOrder("01234", order("name", true));
    assertOrder("43210", order("creation_timestamp", false));
    assertOrder("13024", order("model_type", true), order("name", true));
    assertOrder("10324", order("metrics.acc", true));
    assertOrder("30124", order("metrics.acc", false));
    assertOrder("01432", order("metrics.acc", true).setDatasetName("d"));
    assertOrder("14320", order("metrics.acc", false).setDatasetName("d").setDatasetDigest("x"));
    assertOrder("43210", order("metrics.none", true), order("status_message", true));
    assertOrder("43210", order("status", true));
  }

  @Test
  final void datasets() {
    Dataset.Builder any = Dataset.newBuilder().setDatasetName("d");
    assertThat(numbers(search(request().addDatasets(any)))).isEqualTo("10");
    assertThat(numbers(search(request().addDatasets(any.clone().setDatasetDigest("x")))))
        .isEqualTo("1");
    assertThat(numbers(search(request().addDatasets(any).setFilter("metrics.acc < 0.2"))))
        .isEqualTo("0");
    assertThat(
            numbers(
                search(request().addDatasets(any).addDatasets(any.clone().setDatasetName("e")))))
        .isEqualTo("3210");
  }

  @Test
  final void pagesAreBoundAndCheckTheirTokens() {
    SearchLoggedModelsRequest.Builder request = request().setMaxResults(2);
    String token = models().searchLoggedModels(request.build()).getNextPageToken();
    assertThat(statements(() -> search(request))).isEqualTo(6);
    request.setPageToken(token);
    assertThat(statements(() -> search(request))).isEqualTo(6);
    assertThat(numbers(search(request.clone().setMaxResults(1)))).isEqualTo("2");
    assertInvalid(
        request.clone().setFilter("name = 'x'"),
        "Filter string in the page token does not match the requested filter string. Expected: name"
            + " = 'x'. Found: None");
    assertInvalid(
        request.clone().addOrderBy(OrderBy.newBuilder().setFieldName("name")),
        "Order by in the page token does not match the requested order by. Expected:"
            + " [{'field_name': 'name', 'ascending': True, 'dataset_name': None, 'dataset_digest':"
            + " None}]. Found: None");
    assertInvalid(
        request.clone().clearExperimentIds().addExperimentIds("0"),
        "Experiment IDs in the page token do not match the requested experiment IDs. Expected:"
            + " ['0']. Found: ['%s']".formatted(experiment));
    Map<String, @Nullable Object> content = PageToken.decode(token);
    content.put("after", List.of(0L, 1.5, "x"));
    assertInvalid(
        request.clone().setPageToken(PageToken.encode(content)),
        "Invalid page token, parsed value={'experiment_ids': ");
    assertInvalid(request.clone().setPageToken("x"), "Invalid page token, could not base64-decode");
  }

  private LoggedModelServiceGrpc.LoggedModelServiceBlockingStub models() {
    return LoggedModelServiceGrpc.newBlockingStub(channel);
  }

  private void assertOrder(String expected, OrderBy.Builder... orders) {
    SearchLoggedModelsRequest.Builder request = request();
    for (OrderBy.Builder order : orders) {
      request.addOrderBy(order);
    }
    assertThat(numbers(search(request))).isEqualTo(expected);
    assertThat(numbers(pages(request, 2))).isEqualTo(expected);
  }

  private static OrderBy.Builder order(String field, boolean isAscending) {
    return OrderBy.newBuilder().setFieldName(field).setAscending(isAscending);
  }

  private SearchLoggedModelsRequest.Builder request() {
    return SearchLoggedModelsRequest.newBuilder().addExperimentIds(experiment);
  }

  private List<LoggedModel> search(SearchLoggedModelsRequest.Builder request) {
    return models().searchLoggedModels(request.build()).getModelsList();
  }

  private List<LoggedModel> pages(SearchLoggedModelsRequest.Builder request, int size) {
    List<LoggedModel> all = new ArrayList<>();
    SearchLoggedModelsRequest.Builder next = request.clone().setMaxResults(size);
    while (true) {
      SearchLoggedModelsResponse page = models().searchLoggedModels(next.build());
      all.addAll(page.getModelsList());
      if (!page.hasNextPageToken()) {
        return all;
      }
      next.setPageToken(page.getNextPageToken());
    }
  }

  private String numbers(List<LoggedModel> found) {
    return found.stream()
        .map(model -> "" + ids.indexOf(model.getInfo().getModelId()))
        .collect(Collectors.joining());
  }

  private void assertInvalid(SearchLoggedModelsRequest.Builder request, String message) {
    assertThatThrownBy(() -> models().searchLoggedModels(request.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).startsWith(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }
}
