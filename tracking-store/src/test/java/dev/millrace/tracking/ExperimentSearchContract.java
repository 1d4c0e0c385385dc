package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.SearchExperimentsRequest;
import dev.millrace.proto.SearchExperimentsResponse;
import dev.millrace.proto.ViewType;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The experiments and answers of the differential cases, recorded from mlflow 3.17.2. */
abstract class ExperimentSearchContract extends TrackingContract {

  private static final List<String> NAMES =
      List.of("Apple", "apple pie", "Banana_1", "100% cherry", "it's date");
  private static final List<String> TEAMS = List.of("red", "Red", "blue");

  private SearchData data;
  private List<String> ids;

  @BeforeAll
  final void fill() {
    data = new SearchData(store.database());
    ids = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      Map<String, String> tags = new HashMap<>();
      if (i < 3) {
        tags.put("team", TEAMS.get(i));
      }
      if (i % 2 == 0) {
        tags.put("two words", "x");
      }
      ids.add("" + data.experiment("u " + NAMES.get(i), 1000 + i, tags));
    }
    data.update(
        "UPDATE experiments SET last_update_time = 2000 WHERE experiment_id = ?",
        Long.valueOf(ids.getFirst()));
  }

  @Test
  final void filters() {
    Map<String, String> expected = new HashMap<>();
    """
    name = 'u Apple' → 0
    name != 'u Apple' → 4321
    name LIKE 'u apple%' → 1
    name ILIKE 'U APPLE%' → 10
    attribute.name = 'u Apple' → 0
    `name` = "u it's date" → 4
    name = 'u it''s date' →
    name LIKE '%100\\%%' →
    name LIKE '%\\_1' →
    name LIKE '%_1' → 2
    tags.team = 'red' → 0
    tag.team != 'red' → 21
    tags.team LIKE 'r%' → 0
    tags.`team` ILIKE 'R%' → 10
    tags.team IS NULL → 43
    tag.team is not null → 210
    tags."two words" = 'x' AND tags.team = 'red' → 0
    experiment_id = '${1}' → 1
    experiment_id != '${1}' → 4320
    experiment_id IN ('${1}', '${2}') → 21
    experiment_id NOT IN ('${1}') → 4320
    creation_time > 1002 → 43
    creation_time != 5 → 43210
    last_update_time >= 2000 → 0
    creation_time < 99999999999999999999 → 43210
    """
        .lines()
        .forEach(line -> expected.put(line.split(" →", -1)[0], line.split(" →", -1)[1].strip()));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, found) -> {
          String text = filter.replace("${1}", ids.get(1)).replace("${2}", ids.get(2));
          softly
              .assertThat(numbers(search(request("name LIKE 'u %' AND " + text))))
              .as(filter)
              .isEqualTo(found);
        });
    softly.assertAll();
  }

  @Test
  final void refusals() {
    String operators = "'{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}";
    Map<String, String> expected = new HashMap<>();
    expected.put("x > 1 y", "Invalid clause(s) in filter string: x > 1 y");
    expected.put("name =", "Invalid clause(s) in filter string: name, =");
    expected.put(
        "lifecycle_stage = 'active'",
        "Invalid attribute key 'lifecycle_stage' specified. Valid keys are"
            + " '{'creation_time', 'experiment_id', 'last_update_time', 'name'}'");
    expected.put(
        "attributes.name = 'x'",
        "Invalid entity type 'attributes'. Valid entity types are ('attribute', 'tag', 'tags')");
    expected.put("name = 5", "Expected a quoted string value for attributes. Got value 5");
    expected.put("name like 'x'", "Invalid comparator 'like' not one of " + operators + "'");
    expected.put("name > 'x'", "Invalid comparator '>' not one of " + operators + "'");
    expected.put("creation_time LIKE 5", "Invalid comparator 'LIKE' not one of " + operators);
    expected.put(
        "creation_time > 1.5", "Invalid value for numeric attribute 'creation_time': '1.5'");
    expected.put(
        "creation_time = 'x'",
        "Expected numeric value type for numeric attribute: creation_time. Found 'x'");
    expected.put(
        "name IS NULL",
        "IS NULL / IS NOT NULL is only supported for tags, not for attribute 'name'");
    expected.put("tags.x > 'y'", "Invalid comparator for tag: >");
    expected.put(
        "tags.x IN ('a')",
        "Expected a quoted string value for tag (e.g. 'my-value'). Got value ('a')");
    expected.put("experiment_id > '1'", "Invalid comparator for experiment_id: >");
    expected.put("experiment_id in ('1')", "Invalid comparator for experiment_id: in");
    expected.put(
        "experiment_id = 'abc'",
        "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.");
    expected.put(
        "name IN ('x')",
        "Only ['experiment_id'] attributes support comparison with a list of quoted string"
            + " values.");
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, message) -> softly.check(() -> assertInvalid(request(filter), message)));
    softly.assertAll();
    assertInvalid(request("").addOrderBy("tags.x"), "Invalid order_by entity: tag");
    assertInvalid(
        request("").setMaxResults(0),
        "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer");
    assertInvalid(
        request("").setMaxResults(50_001),
        "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000");
  }

  @Test
  final void orders() {
    Map<String, String> expected = new HashMap<>();
    """
    name → 30214
    name DESC → 41203
    experiment_id → 01234
    creation_time → 01234
    last_update_time DESC, name → 04321
    `name` → 30214
    name, name DESC → 30214
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (order, found) -> {
          SearchExperimentsRequest.Builder request =
              request("name LIKE 'u %'").addAllOrderBy(List.of(order.split(", ", -1)));
          softly.assertThat(numbers(search(request))).as(order).isEqualTo(found);
          softly.assertThat(numbers(pages(request, 2))).as(order).isEqualTo(found);
        });
    softly.assertAll();
    assertThat(numbers(pages(request("name LIKE 'u %'"), 2))).isEqualTo("43210");
  }

  @Test
  final void equalTimesGoByTheirIds() {
    for (int i = 0; i < 7; i++) {
      data.experiment("same " + i, 5, Map.of());
    }
    SearchExperimentsRequest.Builder request = request("name LIKE 'same%'");
    assertThat(pages(request, 3)).extracting(Experiment::getName).isSorted().hasSize(7);
    assertThat(pages(request.addOrderBy("creation_time"), 3))
        .extracting(Experiment::getName)
        .first()
        .isEqualTo("same 6");
  }

  @Test
  final void views() {
    long id = data.experiment("v", 1, Map.of("a", "b"));
    SearchExperimentsRequest.Builder request = request("name = 'v'");
    Experiment active = search(request).getFirst();
    assertThat(active.getTagsList()).hasSize(1);
    data.update("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE experiment_id = ?", id);
    assertThat(search(request)).isEmpty();
    assertThat(search(request.setViewType(ViewType.DELETED_ONLY))).hasSize(1);
    assertThat(search(request.setViewType(ViewType.ALL))).hasSize(1);
  }

  @Test
  final void pagesTakeTheSameFewStatementsAndTheirOwnTokens() {
    SearchExperimentsRequest.Builder request = request("name LIKE 'u %'").setMaxResults(2);
    String token = Parts.merge(experiments.searchExperiments(request.build())).getNextPageToken();
    assertThat(statements(() -> search(request))).isEqualTo(2);
    assertThat(statements(() -> search(request.clone().setPageToken(token)))).isEqualTo(2);
    request.setPageToken(token);
    assertThat(search(request.clone().setFilter("name LIKE 'u %' AND name != ''")))
        .isEqualTo(search(request));
    assertInvalid(
        request.clone().addOrderBy("name"), "Invalid page token, parsed value={'query': ");
    assertInvalid(
        request.clone().setPageToken("abcd"), "Invalid page token, decoded value=b'i\\xb7\\x1d'");
  }

  /** However large a page is, nobody holds it whole. */
  @Test
  final void largePagesComeInParts() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 1102; i++) {
      many.addFirst("" + data.experiment("many " + i, 5000 + i, Map.of("n", "" + i)));
    }
    SearchExperimentsRequest.Builder request = request("name LIKE 'many %'").setMaxResults(1101);
    List<SearchExperimentsResponse> parts = new ArrayList<>();
    experiments.searchExperiments(request.build()).forEachRemaining(parts::add);
    assertThat(parts)
        .extracting(SearchExperimentsResponse::getExperimentsCount)
        .containsExactly(500, 500, 101);
    assertThat(parts)
        .extracting(SearchExperimentsResponse::hasNextPageToken)
        .containsExactly(false, false, true);
    List<Experiment> found =
        parts.stream().flatMap(part -> part.getExperimentsList().stream()).toList();
    assertThat(found)
        .extracting(Experiment::getExperimentId)
        .containsExactlyElementsOf(many.subList(0, 1101));
    assertThat(found).allMatch(experiment -> experiment.getTagsCount() == 1);
    assertThat(search(request.setPageToken(parts.getLast().getNextPageToken())))
        .extracting(Experiment::getExperimentId)
        .containsExactly(many.getLast());
    data.update("DELETE FROM experiment_tags WHERE key = 'n'");
    data.update("DELETE FROM experiments WHERE name LIKE 'many %'");
  }

  private static SearchExperimentsRequest.Builder request(String filter) {
    return SearchExperimentsRequest.newBuilder().setFilter(filter).setMaxResults(100);
  }

  private List<Experiment> search(SearchExperimentsRequest.Builder request) {
    return Parts.merge(experiments.searchExperiments(request.build())).getExperimentsList();
  }

  private List<Experiment> pages(SearchExperimentsRequest.Builder request, int size) {
    List<Experiment> all = new ArrayList<>();
    SearchExperimentsRequest.Builder next = request.clone().setMaxResults(size);
    while (true) {
      SearchExperimentsResponse page = Parts.merge(experiments.searchExperiments(next.build()));
      all.addAll(page.getExperimentsList());
      if (!page.hasNextPageToken()) {
        return all;
      }
      next.setPageToken(page.getNextPageToken());
    }
  }

  private String numbers(List<Experiment> found) {
    return found.stream()
        .map(experiment -> "" + ids.indexOf(experiment.getExperimentId()))
        .collect(Collectors.joining());
  }

  private void assertInvalid(SearchExperimentsRequest.Builder request, String message) {
    assertThatThrownBy(() -> Parts.merge(experiments.searchExperiments(request.build())))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).startsWith(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }
}
