package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.RegisteredModel;
import dev.millrace.proto.SearchRegisteredModelsRequest;
import dev.millrace.proto.SearchRegisteredModelsResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Searches of registered models; the answers are recorded from mlflow 3.17.2. */
abstract class RegisteredModelSearchContract extends RegistryContract {

  private static final String IS_PROMPT = "mlflow.prompt.is_prompt";

  private RegistryData data;

  @BeforeAll
  final void fill() {
    data = new RegistryData(service.database());
    data.model("alpha", 1, Map.of("team", "red"));
    data.model("beta", 2, Map.of("team", "Blue"));
    data.model("Alpha_B", 3, Map.of("team", "red"));
    data.model("p1", 4, Map.of("team", "Blue", IS_PROMPT, "true"));
    data.model("p2", 5, Map.of("team", "Blue", IS_PROMPT, "True"));
    data.model("gamma", 0, Map.of("team", "Blue"));
    data.model("ünï", 3, Map.of("team", "Blue"));
    data.versions(data.model("versions", 0, Map.of("x", "y")), 1010, 0, 1, 1, false);
    data.update(
        """
        INSERT INTO registered_model_aliases
        SELECT model_no, 'best', 7 FROM registered_models WHERE name = 'versions'
        """);
  }

  @Test
  final void filters() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    name = 'alpha' → alpha
    name='alpha' and name LIKE 'a%' → alpha
    name like 'AL%' →
    name ILIKE 'AL%' → Alpha_B alpha
    name != 'alpha' → Alpha_B beta gamma p2 ünï
    name in ('alpha','beta') → alpha beta
    name NOT IN ('alpha', 'p1') → Alpha_B beta gamma p2 ünï
    name = "alpha" → alpha
    attribute.name = 'alpha' → alpha
    name = 'ünï' → ünï
    name LIKE '%\\_%' →
    name LIKE '%_B' → Alpha_B
    name ILIKE '%Ï' →
    name = '' →
    tags.team = 'red' → Alpha_B alpha
    tag.team != 'red' → beta gamma p2 ünï
    tags.team LIKE 're%' → Alpha_B alpha
    tags.team ILIKE 'blu%' → beta gamma p2 ünï
    tags.none != 'x' →
    tags. = 'x' →
    tags.team = 'red' AND tags.team LIKE 'r%' → Alpha_B alpha
    tags.team = 'red' AND tags.none = 'x' →
    tags.`team` = 'red' → Alpha_B alpha
    tags."team" = 'red' AND name = 'alpha' AND → alpha
    tags.`mlflow.prompt.is_prompt` = 'true' → p1
    tags.`mlflow.prompt.is_prompt` = 'TRUE' →
    tags.`mlflow.prompt.is_prompt` = 'True' → p2
    tags.`mlflow.prompt.is_prompt` != 'true' → Alpha_B alpha beta gamma p2 ünï
    tags.`mlflow.prompt.is_prompt` = 'false' → Alpha_B alpha beta gamma p2 ünï
    tags.`mlflow.prompt.is_prompt` != 'FALSE' → p1 p2
    tags.`mlflow.prompt.is_prompt` LIKE 'true' → Alpha_B alpha beta gamma p2 ünï
    tags.mlflow.prompt.is_prompt = 'x' AND tags.team = 'Blue' → beta gamma p2 ünï
    tags.mlflow.prompt.is_prompt = 'true' AND tags.mlflow.prompt.is_prompt = 'false' →
    tags.mlflow.prompt.is_prompt = 'x' AND tags.mlflow.prompt.is_prompt = 'true' AND name != 'p2' → Alpha_B alpha beta gamma ünï
    name = 'p1' →
    """
        .lines()
        .forEach(line -> expected.put(line.split(" →", -1)[0], line.split(" →", -1)[1].strip()));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, found) ->
            softly
                .assertThat(names(search(request("name != 'versions' AND " + filter))))
                .as(filter)
                .isEqualTo(found));
    softly.assertAll();
  }

  @Test
  final void refusals() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    name IN 'alpha' → Invalid clause(s) in filter string: name, IN, 'alpha'
    name = 'alpha' OR name='beta' → Invalid clause(s) in filter string: OR
    name > 'a' → Invalid comparator for attribute: >
    name rlike 'a' → Invalid comparator for attribute: RLIKE
    name NOT LIKE 'a%' → Invalid comparator for attribute: NOT LIKE
    name = ('a') → Invalid comparator for attribute: =
    name = 5 → Expected a quoted string value or a list of quoted string values for attributes. Got value 5
    name = NULL → Expected a quoted string value or a list of quoted string values for attributes. Got value NULL
    name = a → Parameter value is either not quoted or unidentified quote types used for string value a. Use either single or double quotes.
    `name` = 'a' → Invalid attribute key '`name`' specified. Valid keys are '{'name'}'
    attribute. = 'x' → Invalid attribute key '' specified. Valid keys are '{'name'}'
    run_id = 'a' → Invalid attribute key 'run_id' specified. Valid keys are '{'name'}'
    attributes.name = 'a' → Invalid entity type 'attributes'. Valid entity types are ('attribute', 'tag', 'tags')
    `tags`.team = 'red' → Invalid entity type '`tags`'. Valid entity types are ('attribute', 'tag', 'tags')
    tags.team > 'a' → Invalid comparator for tag: >
    tags.team = 5 → Expected a quoted string value for tag (e.g. 'my-value'). Got value 5
    tags.team IN ('red') → Expected a quoted string value for tag (e.g. 'my-value'). Got value ('red')
    name IN () → While parsing a list in the query, expected a non-empty list of string values, but got empty list
    name IN (1) → While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: (1,)
    name IS NULL → Invalid filter: IS NULL / IS NOT NULL is not supported, not even for 'attribute' 'name'
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    expected.forEach((filter, message) -> assertInvalid(message, request(filter)));
    assertInvalid(
        "Invalid value for max_results. It must not be negative, but got -1",
        request("").setMaxResults(-1));
  }

  @Test
  final void orders() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    name → Alpha_B alpha beta gamma p2 ünï
    name DESC → ünï p2 gamma beta alpha Alpha_B
    timestamp → gamma alpha beta Alpha_B ünï p2
    timestamp desc → p2 Alpha_B ünï beta alpha gamma
    last_updated_timestamp DESC, name DESC → p2 ünï Alpha_B beta alpha gamma
    `name` DESC, timestamp → ünï p2 gamma beta alpha Alpha_B
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (order, found) -> {
          SearchRegisteredModelsRequest.Builder request =
              request("name != 'versions'").addAllOrderBy(List.of(order.split(", ", -1)));
          softly.assertThat(names(search(request))).as(order).isEqualTo(found);
          softly.assertThat(names(pages(request, 2))).as(order).isEqualTo(found);
        });
    softly.assertAll();
    assertThat(names(pages(request("name != 'versions'"), 1)))
        .isEqualTo("Alpha_B alpha beta gamma p2 ünï");
  }

  @Test
  final void refusedOrders() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    creation_timestamp → Invalid order by key 'creation_timestamp' specified. Valid keys are '{'name', 'timestamp'}'
    `name` → Invalid order by key '`name`' specified. Valid keys are '{'name', 'timestamp'}'
    tags.team → Invalid order by key 'tags.team' specified. Valid keys are '{'name', 'timestamp'}'
    name foo → Invalid ordering key in order_by clause 'name foo'.
    name;timestamp → Invalid order_by clause 'name;timestamp'. Could not be parsed.
    name, name DESC → `order_by` contains duplicate fields: ['name', 'name DESC']
    timestamp, last_updated_timestamp → `order_by` contains duplicate fields: ['timestamp', 'last_updated_timestamp']
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    expected.forEach(
        (order, message) ->
            assertInvalid(message, request("").addAllOrderBy(List.of(order.split(", ", -1)))));
  }

  @Test
  final void modelsComeWithWhatBelongsToThem() {
    RegisteredModel found = search(request("name = 'versions'")).getFirst();
    assertThat(found).isEqualTo(model("versions"));
    assertThat(found.getTags(0).getValue()).isEqualTo("y");
    assertThat(found.getAliases(0).getVersion()).isEqualTo("7");
    assertThat(found.getLatestVersionsList())
        .extracting(version -> version.getCurrentStage() + version.getVersion())
        .containsExactly("Production1007", "Staging1008", "None1010");
    assertThat(found.getLatestVersions(0).getTags(0).getKey()).isEqualTo("k");
  }

  @Test
  final void pagesTakeTheSameFewStatementsAndTheirOwnTokens() {
    SearchRegisteredModelsRequest.Builder request = request("name != 'x'").setMaxResults(3);
    String token = Parts.merge(models.searchRegisteredModels(request.build())).getNextPageToken();
    // One for the models, and one each for their tags, aliases, latest versions and those' tags.
    assertThat(statements(() -> search(request))).isEqualTo(4);
    assertThat(statements(() -> search(request.clone().setPageToken(token)))).isEqualTo(5);
    request.setPageToken(token);
    assertThat(search(request.clone().setFilter("name != 'y'"))).isEqualTo(search(request));
    assertThatThrownBy(() -> search(request.clone().addOrderBy("name")))
        .hasMessageContaining("Invalid page token, parsed value={'query': ");
    assertInvalid("Invalid page token, could not base64-decode", request.clone().setPageToken("x"));
    assertInvalid(
        "Invalid page token, parsed value={'offset': 2}",
        request.clone().setPageToken("eyJvZmZzZXQiOiAyfQ=="));
    SearchRegisteredModelsResponse none =
        Parts.merge(models.searchRegisteredModels(request("").setMaxResults(0).build()));
    assertThat(none).isEqualTo(SearchRegisteredModelsResponse.getDefaultInstance());
  }

  @Test
  final void aPageHas100ModelsUnlessAskedForMore() {
    for (int i = 0; i < 101; i++) {
      data.model("many " + i, 0, Map.of("many", "x"));
    }
    SearchRegisteredModelsRequest.Builder request = request("tags.many = 'x'");
    assertThat(search(request)).hasSize(100);
    assertThat(search(request.clone().setMaxResults(1000))).hasSize(101);
    assertThat(pages(request, 100)).extracting(RegisteredModel::getName).isSorted().hasSize(101);
    data.update("DELETE FROM registered_model_tags WHERE key = 'many'");
    data.update("DELETE FROM registered_models WHERE name LIKE 'many %'");
  }

  private static SearchRegisteredModelsRequest.Builder request(String filter) {
    return SearchRegisteredModelsRequest.newBuilder().setFilter(filter);
  }

  private List<RegisteredModel> search(SearchRegisteredModelsRequest.Builder request) {
    return Parts.merge(models.searchRegisteredModels(request.build())).getRegisteredModelsList();
  }

  private List<RegisteredModel> pages(SearchRegisteredModelsRequest.Builder request, int size) {
    List<RegisteredModel> all = new ArrayList<>();
    SearchRegisteredModelsRequest.Builder next = request.clone().setMaxResults(size);
    while (true) {
      SearchRegisteredModelsResponse page =
          Parts.merge(models.searchRegisteredModels(next.build()));
      all.addAll(page.getRegisteredModelsList());
      if (!page.hasNextPageToken()) {
        return all;
      }
      next.setPageToken(page.getNextPageToken());
    }
  }

  private static String names(List<RegisteredModel> found) {
    return found.stream().map(RegisteredModel::getName).collect(Collectors.joining(" "));
  }

  private void assertInvalid(String message, SearchRegisteredModelsRequest.Builder request) {
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> search(request));
  }
}
