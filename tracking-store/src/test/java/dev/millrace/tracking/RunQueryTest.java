package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.OrderBy;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages are those of mlflow 3.17.2, but for sets, which it prints in random order. */
class RunQueryTest {

  private static final String ATTRIBUTES =
      "'{'Created', 'Run Name', 'Run name', 'artifact_uri', 'created', 'end_time', 'run name',"
          + " 'run_id', 'run_name', 'start_time', 'status', 'user_id'}'";

  @Test
  void readsConditions() {
    assertThat(
            RunQuery.parse(
                    "metrics.`a b` >= 1e3 AND param.x like \"it's\" AND run_id NOT IN ('a',"
                        + " 'b\\'c') AND tag.y IS NULL AND `Created` < 5 AND dataset.name IN"
                        + " ('z',)",
                    List.of())
                .conditions())
        .containsExactly(
            new Condition.OfNumber(
                new Field(Entity.METRIC, "a b"), Operator.GREATER_OR_EQUAL, new BigDecimal("1e3")),
            new Condition.OfText(new Field(Entity.PARAMETER, "x"), Operator.LIKE, "it's"),
            new Condition.Membership(
                new Field(Entity.ATTRIBUTE, "run_id"), false, List.of("a", "b'c")),
            new Condition.Presence(new Field(Entity.TAG, "y"), false),
            new Condition.OfNumber(
                new Field(Entity.ATTRIBUTE, "start_time"), Operator.LESS, new BigDecimal("5")),
            new Condition.Membership(new Field(Entity.DATASET, "name"), true, List.of("z")));
  }

  @Test
  void readsOrders() {
    assertThat(
            RunQuery.parse("", List.of("Created", "metrics.`n steps` desc", "params.\"a/b\" ASC"))
                .orders())
        .containsExactly(
            new OrderBy(new Field(Entity.ATTRIBUTE, "start_time"), true),
            new OrderBy(new Field(Entity.METRIC, "n steps"), false),
            new OrderBy(new Field(Entity.PARAMETER, "a/b"), true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      textBlock =
          """
          x → Invalid clause(s) in filter string: 'x'
          metrics.loss > > 1 → Invalid clause(s) in filter string: 'metrics.loss', '>', '>', '1'
          metrics.loss > 0; metrics.loss > 1 → Search filter contained multiple expression 'metrics.loss > 0; metrics.loss > 1'. Provide AND-ed expression list.
          metrics.loss > 'x' → Expected numeric value type for metric. Found 'x'
          metrics.loss > NaN → Expected numeric value type for metric. Found NaN
          metrics.loss IN (1, 2) → Expected numeric value type for metric. Found (1, 2)
          metrics.loss == 1 → Invalid comparator '==' not one of '{'!=', '<', '<=', '=', '>', '>='}
          metrics.loss like 1 → Invalid comparator 'LIKE' not one of '{'!=', '<', '<=', '=', '>', '>='}
          metrics.loss IS NULL → IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'loss'
          0 < metrics.loss → Invalid comparison clause. Expected 'Identifier' found '0'
          params.lr = 0.1 → Expected a quoted string value for parameter (e.g. 'my-value'). Got value 0.1
          params.lr = lr → Parameter value is either not quoted or unidentified quote types used for string value lr. Use either single or double quotes.
          params.lr IN ('0.1') → Expected a quoted string value for parameter (e.g. 'my-value'). Got value ('0.1')
          params.lr > '0.1' → Invalid comparator '>' not one of '{'!=', '=', 'ILIKE', 'IS NOT NULL', 'IS NULL', 'LIKE'}'
          tags.team > 'x' → Invalid comparator '>' not one of '{'!=', '=', 'ILIKE', 'IS NOT NULL', 'IS NULL', 'LIKE'}
          foo.bar = 'x' → Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']
          params = 'x' → Invalid attribute key 'params' specified. Valid keys are ATTRIBUTES
          attributes.status = 5 → Expected a quoted string value for attributes. Got value 5
          status RLIKE 'x' → Invalid comparator 'RLIKE' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}'
          status IN ('FINISHED') → Only ['run_id'] attributes support comparison with a list of quoted string values.
          start_time > '5' → Expected numeric value type for numeric attribute: start_time. Found '5'
          start_time LIKE 5 → Invalid comparator 'LIKE' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}
          run_id IN () → While parsing a list in the query, expected a non-empty list of string values, but got empty list
          run_id IN (1, 2) → While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: (1, 2)
          run_id IN (`x`) → While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.
          run_id IN (x) → While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.
          run_id = ('x') → Invalid comparator '=' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}'
          dataset.foo = 'x' → Invalid dataset key 'foo' specified. Valid keys are '{'context', 'digest', 'name'}'
          dataset.name = 5 → Expected a quoted string value for dataset attributes. Got value 5
          dataset.name > 'a' → Invalid comparator '>' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}
          """)
  void refusesFilters(String filter, String message) {
    assertRefused(message, filter, List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      ignoreLeadingAndTrailingWhitespace = false,
      textBlock =
          """
          start_time UP→Invalid ordering key in order_by clause 'start_time UP'.
          metrics.n steps→Invalid ordering key in order_by clause 'metrics.n steps'.
          start_time ASC DESC→Invalid order_by clause 'start_time ASC DESC'. Could not be parsed.
           start_time→Invalid order_by clause ' start_time'. Could not be parsed.
          start_time NULLS LAST→Invalid order_by clause 'start_time NULLS LAST'. Could not be parsed.
          metrics.loss,params.lr→Invalid order_by clause 'metrics.loss,params.lr'. Could not be parsed.
          start_time; end_time→Invalid order_by clause 'start_time; end_time'. Could not be parsed.
          metrics.`loss→Invalid order_by clause 'metrics.`loss'. Could not be parsed.
          foo.bar→Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']
          dataset.name→Invalid identifier type 'dataset'
          timestamp DESC→Invalid attribute key 'timestamp' specified. Valid keys are '{'Created', 'artifact_uri', 'created', 'end_time', 'run_id', 'run_name', 'start_time', 'status', 'user_id'}'
          """)
  void refusesOrders(String order, String message) {
    assertRefused(message, "", List.of(order));
  }

  @Test
  void refusesTheSameFieldTwice() {
    assertRefused(
        "`order_by` contains duplicate fields: ['created', 'start_time DESC']",
        "",
        List.of("created", "start_time DESC"));
  }

  @Test
  void refusesTooMuch() {
    String filter = String.join(" AND ", Collections.nCopies(65, "metrics.x > 0"));
    assertRefused(
        "Invalid filter string: it has 65 comparisons, and may have at most 64", filter, List.of());
    assertRefused(
        "Invalid order_by: it has 65 clauses, and may have at most 64",
        "",
        Collections.nCopies(65, "metrics.x"));
  }

  private static void assertRefused(String message, String filter, List<String> orderBy) {
    assertThatThrownBy(() -> RunQuery.parse(filter, orderBy))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> {
              assertThat(e.text()).isEqualTo(message.replace("ATTRIBUTES", ATTRIBUTES));
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
            });
  }
}
