package dev.millrace.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Operator;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnTest {

  private static final TextColumn POSTGRES = new TextColumn(Dialect.POSTGRESQL, "t.v", true);
  private static final TextColumn H2 = new TextColumn(Dialect.H2, "t.v", true);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          =  | 5      | n = ? [5]
          =  | 5.5    | FALSE []
          != | 5.5    | n IS NOT NULL []
          <  | 5.5    | n <= ? [5]
          <  | 5      | n < ? [5]
          <= | -5.5   | n <= ? [-6]
          >= | 5.5    | n > ? [5]
          >= | 5      | n >= ? [5]
          >  | 1E400  | FALSE []
          <  | 1E400  | n IS NOT NULL []
          >= | -1E400 | n IS NOT NULL []
          =  | 99999999999999999999 | FALSE []
          """)
  void comparesWholeNumbersWithAnyNumber(String operator, BigDecimal value, String sql) {
    assertThat(new NumberColumn("n").compare(operator(operator), value)).hasToString(sql);
  }

  @Test
  void findsTextsThroughTheIndexOfTheirPrefixes() {
    assertThat(POSTGRES.compare(Operator.EQUAL, "a")).hasToString("left(t.v, 128) = ? [a]");
    assertThat(POSTGRES.compare(Operator.EQUAL, "ü".repeat(200)))
        .hasToString(
            "left(t.v, 128) = ? AND t.v = ? [%s, %s]".formatted("ü".repeat(128), "ü".repeat(200)));
    assertThat(H2.compare(Operator.EQUAL, "a")).hasToString("t.v = ? [a]");
    assertThat(POSTGRES.compare(Operator.LIKE, "a\\b%_"))
        .hasToString(
            "left(t.v, 128) >= ? AND left(t.v, 128) < ? AND t.v LIKE ? [a\\b, a\\c, a\\\\b%_]");
    assertThat(POSTGRES.compare(Operator.ILIKE, "A%")).hasToString("t.v ILIKE ? [A%]");
    assertThat(POSTGRES.order()).containsExactly("left(t.v, 128)", "t.v");
    assertThat(H2.order()).containsExactly("t.v");
  }

  @Test
  void leavesOutWhatPostgresqlCannotHold() {
    assertThat(POSTGRES.compare(Operator.EQUAL, "a\0")).hasToString("FALSE []");
    assertThat(POSTGRES.compare(Operator.NOT_EQUAL, "\0")).hasToString("t.v IS NOT NULL []");
    assertThat(POSTGRES.compare(Operator.LIKE, "\0%")).hasToString("FALSE []");
    assertThat(POSTGRES.compare(Operator.LIKE, "a%\0")).hasToString("FALSE []");
    assertThat(POSTGRES.member(true, List.of("\0")).arguments()[0]).isEqualTo(new String[0]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "",
      textBlock =
          """
          alpha   | alpha     | true
          Alpha   | alpha     | false
          %lph%   | alpha     | true
          a%a     | alpha     | true
          a%a     | a         | false
          _lpha   | alpha     | true
          _lpha   | lpha      | false
          %ab     | abab      | true
          ab%ab   | ab        | false
          %a%b    | xbaxb     | true
          100\\%  | 100%      | false
          a.c     | abc       | false
          a\\Eb   | a\\Eb     | true
          日_%    | 日本語     | true
          _       | 😀        | true
          %       | x         | true
          """)
  void matchesPatternsOnH2(String pattern, String text, boolean matches) {
    assertThat(text.matches(new Like(pattern, false).regex())).isEqualTo(matches);
  }

  @Test
  void ignoresTheCaseOfAsciiOnly() {
    assertThat("ALPHA").matches(new Like("%lph%", true).regex());
    assertThat("ü").doesNotMatch(new Like("Ü", true).regex());
  }

  @Test
  void doesNotDespairOfHostilePatterns() {
    String regex = new Like("%a".repeat(99) + "%b", false).regex();
    assertThat("a".repeat(8_000)).doesNotMatch(regex);
    assertThatThrownBy(() -> new Like("%".repeat(101), false))
        .isInstanceOf(MillraceException.class);
  }

  @Test
  void comparesPlacesWithNullsAndDirections() {
    List<SortKey> keys =
        List.of(
            SortKey.of("c", SortKey.Type.WHOLE, true),
            new SortKey("v", SortKey.Type.DECIMAL, true, false),
            SortKey.of("id", SortKey.Type.TEXT, true));
    assertThat(SortKey.after(keys, List.of(0L, 1.5, "x")))
        .hasToString("c >= ? AND (c > ? OR (v < ? OR (v = ? AND (id > ?)))) [0, 0, 1.5, 1.5, x]");
    assertThat(SortKey.after(keys, java.util.Arrays.asList(1L, null, "x")))
        .hasToString("c >= ? AND (c > ? OR (id > ?)) [1, 1, x]");
  }

  private static Operator operator(String text) {
    Operator operator = Operator.of(text);
    assertThat(operator).isNotNull();
    return operator == null ? Operator.EQUAL : operator;
  }
}
