package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SearchModelVersionsRequest;
import dev.millrace.proto.SearchModelVersionsResponse;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import dev.millrace.proto.UpdateModelVersionRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Searches of model versions; the answers are recorded from mlflow 3.17.2. */
abstract class ModelVersionSearchContract extends RegistryContract {

  private static final String IS_PROMPT = "mlflow.prompt.is_prompt";
  private static final String ALL = "p2/1 ünï/1 Alpha_B/1 beta/2 beta/1 alpha/3 alpha/2 alpha/1";

  private RegistryData data;

  @BeforeAll
  final void fill() {
    data = new RegistryData(service.database());
    for (String name : List.of("alpha", "beta", "Alpha_B", "p1", "p2", "mixed", "ünï")) {
      data.model(name, 0, Map.of());
    }
    """
    alpha 1 one k=v0
    alpha 2 two k=v1
    alpha 3 - k=v2
    beta 1 - k=v0
    beta 2 two k=v1
    Alpha_B 1 one k=v0
    ünï 1 one k=v0
    p1 1 - k=v0 mlflow.prompt.is_prompt=true
    p1 2 - k=v1 mlflow.prompt.is_prompt=true
    p2 1 - k=v0 mlflow.prompt.is_prompt=True
    mixed 1 -
    mixed 2 - mlflow.prompt.is_prompt=true
    mixed 3 -
    """
        .lines()
        .forEach(line -> add(line.split(" ", -1)));
  }

  private int time = 1000;

  private void add(String[] version) {
    time++;
    data.version(
        version[0],
        Integer.parseInt(version[1]),
        time,
        version[2].equals("-") ? "" : version[2],
        "s3://b/%s/%d".formatted(version[0], Integer.parseInt(version[1]) - 1));
    for (int i = 3; i < version.length; i++) {
      String[] tag = version[i].split("=", -1);
      setTag(version[0], version[1], tag[0], tag[1]);
    }
  }

  @Test
  final void filters() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    name = 'alpha' → alpha/3 alpha/2 alpha/1
    name != 'alpha' → p2/1 ünï/1 Alpha_B/1 beta/2 beta/1
    name LIKE 'A%' → Alpha_B/1
    name ILIKE 'A%' → Alpha_B/1 alpha/3 alpha/2 alpha/1
    name IN ('alpha','beta') → beta/2 beta/1 alpha/3 alpha/2 alpha/1
    name not in ('alpha') → p2/1 ünï/1 Alpha_B/1 beta/2 beta/1
    name = 'alpha' AND name = 'beta' →
    name = 'p1' →
    name IN ('p1', 'alpha', 'mixed', 'alpha') → alpha/3 alpha/2 alpha/1
    name = 'mixed' →
    name = 'mixed' AND version_number = 1 →
    run_id = '' → p2/1 beta/1 alpha/3
    run_id != '' → ünï/1 Alpha_B/1 beta/2 alpha/2 alpha/1
    run_id = 'x' →
    run_id IN ('one') → ünï/1 Alpha_B/1 alpha/1
    run_id IN ('one', 'two') → ünï/1 Alpha_B/1 beta/2 alpha/2 alpha/1
    run_id NOT IN ('one') → p2/1 beta/2 beta/1 alpha/3 alpha/2
    run_id = 'one' AND name = 'alpha' → alpha/1
    run_id ILIKE 'T%' → beta/2 alpha/2
    attribute.run_id = 'two' AND tags.k = 'v1' → beta/2 alpha/2
    source_path = 's3://b/alpha/0' → alpha/1
    source_path LIKE 's3://b/alpha/%' → alpha/3 alpha/2 alpha/1
    version_number = 1 → p2/1 ünï/1 Alpha_B/1 beta/1 alpha/1
    version_number = ' 0_1 ' → p2/1 ünï/1 Alpha_B/1 beta/1 alpha/1
    version_number = "٢" → beta/2 alpha/2
    version_number = '𝟐' → beta/2 alpha/2
    version_number > 1 → beta/2 alpha/3 alpha/2
    version_number >= 2 AND version_number < 3 → beta/2 alpha/2
    version_number != 1 → beta/2 alpha/3 alpha/2
    version_number = -1 →
    version_number > 99999999999999999999 →
    version_number < '99999999999999999999' AND name = 'beta' → beta/2 beta/1
    name = 'alpha' AND version_number <= 2 → alpha/2 alpha/1
    tags.k = 'v0' → p2/1 ünï/1 Alpha_B/1 beta/1 alpha/1
    tags.k = 'v0' AND name = 'beta' → beta/1
    tags.k = 'v0' AND name IN ('beta', 'alpha') → beta/1 alpha/1
    tag.k != 'v0' → beta/2 alpha/3 alpha/2
    tags.k LIKE 'v%' AND name LIKE 'al%' → alpha/3 alpha/2 alpha/1
    tags.k = 'v0' AND tags.k = 'v1' →
    tags.`mlflow.prompt.is_prompt` = 'true' → mixed/2 p1/2 p1/1
    tags.`mlflow.prompt.is_prompt` = 'true' AND name = 'mixed' → mixed/2
    tags.`mlflow.prompt.is_prompt` = 'TRUE' →
    tags.`mlflow.prompt.is_prompt` = 'True' → p2/1
    tags.`mlflow.prompt.is_prompt` != 'false' → mixed/2 p2/1 p1/2 p1/1
    """
        .lines()
        .forEach(line -> expected.put(line.split(" →", -1)[0], line.split(" →", -1)[1].strip()));
    for (String other : List.of("!= 'true'", "= 'false'", "LIKE 'true'", "= 'x'")) {
      expected.put("tags.`mlflow.prompt.is_prompt` " + other, ALL);
    }
    expected.put("", ALL);
    expected.put("run_id LIKE '%'", ALL);
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (filter, found) -> {
          softly.assertThat(names(search(request(filter)))).as(filter).isEqualTo(found);
          softly.assertThat(names(pages(request(filter), 1))).as(filter).isEqualTo(found);
        });
    softly.assertAll();
  }

  @Test
  final void refusals() {
    String numbers = "'{'creation_timestamp', 'last_updated_timestamp', 'version_number'}'";
    String keys = "'{'name', 'run_id', 'source_path', 'version_number'}'";
    Map<String, String> expected = new LinkedHashMap<>();
    """
    source = 'x' → Invalid clause(s) in filter string: source, =, 'x'
    version = 1 → Invalid clause(s) in filter string: version, =, 1
    version_number IN 1 → Invalid clause(s) in filter string: version_number, IN, 1
    name > 'a' → Invalid comparator for attribute: >
    run_id rlike 'a' → Invalid comparator for attribute: RLIKE
    version_number <> 1 → Invalid comparator for attribute version_number: <>
    version_number LIKE 'x' → Invalid comparator for attribute version_number: LIKE
    version_number = 'x' → Invalid value for numeric attribute 'version_number': 'x'
    version_number = '' → Invalid value for numeric attribute 'version_number': ''
    version_number = 1.5 → Invalid value for numeric attribute 'version_number': 1.5
    version_number > 1. → Invalid value for numeric attribute 'version_number': 1.0
    version_number = 1e400 → Invalid value for numeric attribute 'version_number': inf
    version_number = 1e-3 → Invalid value for numeric attribute 'version_number': 0.001
    version_number IN (1) → Only ['name', 'run_id'] attributes support comparison with a list of quoted string values.
    source_path IN ('x') → Only ['name', 'run_id'] attributes support comparison with a list of quoted string values.
    version_number = NULL → Expected a quoted string value or a list of quoted string values for attributes. Got value NULL
    version_number = abc → Parameter value is either not quoted or unidentified quote types used for string value abc. Use either single or double quotes.
    run_id = 5 → Only the NUMBERS attributes support comparison with numeric values.
    creation_timestamp > 1 → Invalid attribute key 'creation_timestamp' specified. Valid keys are KEYS
    attributes.name = 'a' → Invalid entity type 'attributes'. Valid entity types are ('attribute', 'tag', 'tags')
    tags.k > 'a' → Invalid comparator for tag: >
    run_id IN (1, 'x') → While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: (1, 'x')
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    expected.forEach(
        (filter, message) ->
            assertInvalid(
                message.replace("NUMBERS", numbers).replace("KEYS", keys), request(filter)));
    for (int size : List.of(0, -1)) {
      assertInvalid(
          "Invalid value for max_results. It must be a positive integer, but got " + size,
          request("").setMaxResults(size));
    }
  }

  @Test
  final void orders() {
    Map<String, String> expected = new LinkedHashMap<>();
    """
    name → Alpha_B/1 alpha/3 alpha/2 alpha/1 beta/2 beta/1 p2/1 ünï/1
    name DESC → ünï/1 p2/1 beta/2 beta/1 alpha/3 alpha/2 alpha/1 Alpha_B/1
    version_number → Alpha_B/1 alpha/1 beta/1 p2/1 ünï/1 alpha/2 beta/2 alpha/3
    version_number DESC → alpha/3 alpha/2 beta/2 Alpha_B/1 alpha/1 beta/1 p2/1 ünï/1
    creation_timestamp → alpha/1 alpha/2 alpha/3 beta/1 beta/2 Alpha_B/1 ünï/1 p2/1
    creation_timestamp DESC → p2/1 ünï/1 Alpha_B/1 beta/2 beta/1 alpha/3 alpha/2 alpha/1
    last_updated_timestamp → alpha/1 alpha/2 alpha/3 beta/1 beta/2 Alpha_B/1 ünï/1 p2/1
    tags.name → Alpha_B/1 alpha/3 alpha/2 alpha/1 beta/2 beta/1 p2/1 ünï/1
    tag.version_number DESC → alpha/3 alpha/2 beta/2 Alpha_B/1 alpha/1 beta/1 p2/1 ünï/1
    `name`, version_number → Alpha_B/1 alpha/1 alpha/2 alpha/3 beta/1 beta/2 p2/1 ünï/1
    attribute.version_number DESC, name DESC → alpha/3 beta/2 alpha/2 ünï/1 p2/1 beta/1 alpha/1 Alpha_B/1
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    SoftAssertions softly = new SoftAssertions();
    expected.forEach(
        (order, found) -> {
          SearchModelVersionsRequest.Builder request =
              request("").addAllOrderBy(List.of(order.split(", ", -1)));
          softly.assertThat(names(search(request))).as(order).isEqualTo(found);
          softly.assertThat(names(pages(request, 2))).as(order).isEqualTo(found);
          // Whatever walk a filter begins with, the order is the same.
          for (String filter :
              List.of(
                  "name = 'alpha'",
                  "name IN ('beta', 'alpha')",
                  "run_id = 'one'",
                  "run_id IN ('one', 'two')",
                  "tags.k = 'v0'",
                  "tags.k = 'v0' AND name IN ('alpha', 'beta')",
                  "version_number = 1")) {
            request.setFilter(filter);
            List<String> some = List.of(names(search(request)).split(" ", -1));
            softly
                .assertThat(some)
                .as(filter + " " + order)
                .isNotEmpty()
                .isEqualTo(List.of(found.split(" ", -1)).stream().filter(some::contains).toList());
            softly
                .assertThat(names(pages(request, 1)).split(" ", -1))
                .as(filter + " " + order)
                .containsExactlyElementsOf(some);
          }
        });
    softly.assertAll();
  }

  @Test
  final void refusedOrders() {
    String keys = "{'creation_timestamp', 'last_updated_timestamp', 'name', 'version_number'}";
    Map<String, String> expected = new LinkedHashMap<>();
    """
    version → Invalid order_by clause 'version'. Could not be parsed.
    run_id → Invalid attribute key 'run_id' specified. Valid keys are 'KEYS'
    timestamp → Invalid attribute key 'timestamp' specified. Valid keys are 'KEYS'
    tags.k → Invalid order by key 'k' specified. Valid keys are KEYS
    metrics.x → Invalid entity type 'metrics'. Valid entity types are ('attribute', 'tag', 'tags')
    name, tags.name → `order_by` contains duplicate fields: ['name', 'tags.name']
    """
        .lines()
        .forEach(line -> expected.put(line.split(" → ", -1)[0], line.split(" → ", -1)[1]));
    expected.forEach(
        (order, message) ->
            assertInvalid(
                message.replace("KEYS", keys),
                request("").addAllOrderBy(List.of(order.split(", ", -1)))));
  }

  @Test
  final void equalTimesGoByNameAndDownFromTheHighestVersion() {
    for (String name : List.of("same b", "same a")) {
      data.model(name, 0, Map.of());
      for (int i = 1; i <= 3; i++) {
        data.version(name, i, 5, "", "s3://b/x");
        setTag(name, "" + i, "same", "x");
      }
    }
    String down = "same a/3 same a/2 same a/1 same b/3 same b/2 same b/1";
    for (String filter : List.of("name LIKE 'same%'", "tags.same = 'x'")) {
      for (String order :
          List.of("creation_timestamp", "creation_timestamp DESC", "last_updated_timestamp")) {
        SearchModelVersionsRequest.Builder request = request(filter).addOrderBy(order);
        assertThat(names(pages(request, 2))).as(filter + order).isEqualTo(down);
      }
      assertThat(names(pages(request(filter), 2))).as(filter).isEqualTo(down);
    }
    data.update("DELETE FROM model_version_tags WHERE key = 'same'");
    data.update("DELETE FROM model_versions WHERE name LIKE 'same%'");
  }

  @Test
  final void aSearchForATagSeesEveryChange() {
    String name = unique("changing");
    data.model(name, 0, Map.of());
    for (int i = 1; i <= 3; i++) {
      data.version(name, i, i, "", "s3://b/x");
      setTag(name, "" + i, "t", "x");
    }
    SearchModelVersionsRequest.Builder tagged = request("tags.t = 'x'");
    SearchModelVersionsRequest.Builder named = request("name = '" + name + "'");
    assertThat(numbers(tagged)).isEqualTo("321");
    versions.updateModelVersion(
        UpdateModelVersionRequest.newBuilder()
            .setName(name)
            .setVersion("1")
            .setDescription("d")
            .build());
    assertThat(numbers(tagged)).isEqualTo("132").isEqualTo(numbers(named));
    transition(name, "2", false);
    assertThat(numbers(tagged)).isEqualTo("213").isEqualTo(numbers(named));
    data.update("UPDATE model_versions SET last_update_time = 9 WHERE name = ?", name);
    data.update("UPDATE model_version_tags SET last_update_time = 9 WHERE key = 't'");
    transition(name, "3", true);
    assertThat(numbers(tagged)).isEqualTo("321").isEqualTo(numbers(named));
    String newName = unique("changed");
    models.renameRegisteredModel(
        RenameRegisteredModelRequest.newBuilder().setName(name).setNewName(newName).build());
    assertThat(numbers(named)).isEmpty();
    named.setFilter("name = '" + newName + "'");
    assertThat(numbers(tagged)).isEqualTo("321").isEqualTo(numbers(named));
    assertThat(numbers(tagged.clone().setFilter(named.getFilter() + " AND tags.t = 'x'")))
        .isEqualTo("321");
    setTag(newName, "2", "t", "y");
    assertThat(numbers(tagged)).isEqualTo("31");
    deleteTag(newName, "3", "t");
    assertThat(numbers(tagged)).isEqualTo("1");
    versions.deleteModelVersion(
        DeleteModelVersionRequest.newBuilder().setName(newName).setVersion("1").build());
    assertThat(numbers(tagged)).isEmpty();
    assertThat(numbers(named)).isEqualTo("32");
    assertThat(numbers(request("version_number > 2").addOrderBy("name"))).isEqualTo("33");
    setTag(newName, "2", IS_PROMPT, "true");
    assertThat(numbers(named)).isEmpty();
    assertThat(names(search(request("")))).isEqualTo(ALL);
    setTag(newName, "2", IS_PROMPT, "no");
    assertThat(numbers(named)).isEqualTo("32");
    setTag(newName, "2", IS_PROMPT, "true");
    deleteTag(newName, "2", IS_PROMPT);
    assertThat(numbers(named)).isEqualTo("32");
    assertThat(numbers(request("version_number > 2").addOrderBy("name"))).isEqualTo("33");
    data.update("DELETE FROM model_version_tags WHERE key = 't'");
    data.update("DELETE FROM model_versions WHERE name = ?", newName);
  }

  @Test
  final void pagesTakeTheSameFewStatementsAndTheirOwnTokens() {
    SearchModelVersionsRequest.Builder request = request("name != 'x'").setMaxResults(3);
    String token = Parts.merge(versions.searchModelVersions(request.build())).getNextPageToken();
    assertThat(statements(() -> search(request))).isEqualTo(2);
    assertThat(statements(() -> search(request.clone().setPageToken(token)))).isEqualTo(2);
    assertThat(statements(() -> search(request("name IN ('alpha', 'beta')")))).isEqualTo(2);
    request.setPageToken(token);
    assertThat(search(request.clone().setFilter("name != 'y'"))).isEqualTo(search(request));
    assertThatThrownBy(() -> search(request.clone().addOrderBy("name")))
        .hasMessageContaining("Invalid page token, parsed value={'query': ");
    assertInvalid("Invalid page token, could not base64-decode", request.clone().setPageToken("x"));
  }

  /** However large a page is, nobody holds it whole. */
  @Test
  final void largePagesComeInParts() {
    data.model("many", 0, Map.of());
    for (int i = 1; i <= 1002; i++) {
      data.version("many", i, 5000 + i, "", "s3://b/many");
    }
    SearchModelVersionsRequest.Builder request =
        request("name = 'many'").addOrderBy("version_number ASC").setMaxResults(1001);
    List<SearchModelVersionsResponse> parts = new ArrayList<>();
    versions.searchModelVersions(request.build()).forEachRemaining(parts::add);
    assertThat(parts)
        .extracting(SearchModelVersionsResponse::getModelVersionsCount)
        .containsExactly(500, 500, 1);
    assertThat(parts)
        .extracting(SearchModelVersionsResponse::hasNextPageToken)
        .containsExactly(false, false, true);
    assertThat(parts.stream().flatMap(part -> part.getModelVersionsList().stream()))
        .extracting(ModelVersion::getVersion)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 1001).mapToObj(Integer::toString).toList());
    assertThat(numbers(request.setPageToken(parts.getLast().getNextPageToken()))).isEqualTo("1002");
    data.update("DELETE FROM model_versions WHERE name = 'many'");
    data.update("DELETE FROM registered_models WHERE name = 'many'");
  }

  @Test
  final void textsThatAreLongInEveryCharacterAreIndexed() {
    List<String> letters =
        new Random(1).ints(500, 0x20000, 0x2a000).mapToObj(Character::toString).toList();
    String name = String.join("", letters);
    String key = String.join("", letters.subList(0, 250));
    data.model(name, 0, Map.of());
    data.version(name, 1, 1, name, "s3://b/x");
    setTag(name, "1", key, name);
    String quoted = "'" + name + "'";
    for (String filter :
        List.of("name = " + quoted, "run_id = " + quoted, "tags.`" + key + "` = " + quoted)) {
      assertThat(search(request(filter))).as(filter).hasSize(1);
    }
    data.update("DELETE FROM model_version_tags WHERE key = ?", key);
    data.update("DELETE FROM model_versions WHERE name = ?", name);
  }

  private void setTag(String name, String version, String key, String value) {
    versions.setModelVersionTag(
        SetModelVersionTagRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setKey(key)
            .setValue(value)
            .build());
  }

  private void deleteTag(String name, String version, String key) {
    versions.deleteModelVersionTag(
        DeleteModelVersionTagRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setKey(key)
            .build());
  }

  private void transition(String name, String version, boolean archivesOthers) {
    versions.transitionModelVersionStage(
        TransitionModelVersionStageRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setStage("Production")
            .setArchiveExistingVersions(archivesOthers)
            .build());
  }

  private static SearchModelVersionsRequest.Builder request(String filter) {
    return SearchModelVersionsRequest.newBuilder().setFilter(filter);
  }

  private List<ModelVersion> search(SearchModelVersionsRequest.Builder request) {
    return Parts.merge(versions.searchModelVersions(request.build())).getModelVersionsList();
  }

  private List<ModelVersion> pages(SearchModelVersionsRequest.Builder request, int size) {
    List<ModelVersion> all = new ArrayList<>();
    SearchModelVersionsRequest.Builder next = request.clone().setMaxResults(size);
    while (true) {
      SearchModelVersionsResponse page = Parts.merge(versions.searchModelVersions(next.build()));
      all.addAll(page.getModelVersionsList());
      if (!page.hasNextPageToken()) {
        return all;
      }
      next.setPageToken(page.getNextPageToken());
    }
  }

  private static String names(List<ModelVersion> found) {
    return found.stream()
        .map(version -> version.getName() + "/" + version.getVersion())
        .collect(Collectors.joining(" "));
  }

  private String numbers(SearchModelVersionsRequest.Builder request) {
    return search(request).stream().map(ModelVersion::getVersion).collect(Collectors.joining());
  }

  private void assertInvalid(String message, SearchModelVersionsRequest.Builder request) {
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> search(request));
  }
}
