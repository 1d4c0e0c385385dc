package dev.millrace.platform.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What sqlparse 0.6.1 with MLflow's additions makes of the same texts. */
class ParserTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      textBlock =
          """
          metrics.loss > 1 → {metrics.loss} > 1
          metrics.loss>=-0.5 → {metrics.loss} >= -0.5
          params.lr='0.1'AND tags.team!="red" → {params.lr} = '0.1'; {tags.team} != {"red"}
          metrics.`n steps` > .1 and status like 'F%' → {metrics.`n steps`} > .1; {status} like 'F%'
          params.a.b = 'it''s' → {params.a.b} = 'it''s'
          tags.order = 'a AND b' → {tags.order} = 'a AND b'
          tags.x = 'a\\'b' → {tags.x} = 'a\\'b'
          tags.x = 'a\\' → {tags.x} = 'a\\'
          metrics.日本 > 1e-3 → {metrics.日本} > 1e-3
          run_id IN('a', "b") → {run_id} IN ('a', "b")
          run_id not in ('a') → {run_id} NOT IN ('a')
          tags.x is null AND params.y IS NOT NULL → {tags.x} IS NULL; {params.y} IS NOT NULL
          a NOT LIKE 'b' → {a} NOT LIKE 'b'
          a = 1 a = 2 → {a} = 1; {a} = 2
          AND a = 1 AND AND → {a} = 1
          a = 1 = 2 → ?a = 1? = 2
          a.b-c > 1 → ?a.b-c? > 1
          f('x') = 1 → ?f('x')? = 1
          1 = a → 1 = {a}
          a = NULL → {a} = NULL
          (a = 1) → (a = 1)
          metrics.loss > 0 && params.lr = 'x' → ?metrics.loss > 0 && params.lr? = 'x'
          metrics.loss > +0.5 → {metrics.loss}; ?>?; ?+?; 0.5
          a b → {a b}
          a b c → {a b}; {c}
          a > 1 b → ?a > 1 b?
          a > 0, b = 'x' → ?a > 0, b = 'x'?
          a > 0 OR b > 0 → {a} > 0; ?OR?; {b} > 0
          NOT a > 0 → ?NOT?; {a} > 0
          a BETWEEN 0 AND 1 → {a}; ?BETWEEN?; 0; 1
          a IS NOT  NULL → {a}; ?IS?; ?NOT  NULL?
          a IN 'x' → {a}; ?IN?; 'x'
          a IN ('x' → {a}; ?IN?; ?(?; 'x'
          a = 'x → {a}; ?=?; ?'?; {x}
          metrics.`a > 0 → {metrics.}; ?`?; {a} > 0
          a > 0;  → {a} > 0; ?;?
          a > 0 -- c → {a} > 0; ?-- c?
          /* c */ a > 0 → ?/* c */?; {a} > 0
          a > 0 ORDER BY b → {a} > 0; ?ORDER BY?; {b}
          a > 0x10 → {a}; ?>?; ?0x10?
          a > 1_0 → {a} > {1_0}
          a >= 0.5AND b='x' → ?a >= 0.5AND?; {b} = 'x'
          date > 5 → ?date?; ?>?; 5
          .loss > 1 → ?.?; {loss} > 1
          """)
  void cutsAsMlflowDoes(String filter, String expected) {
    List<List<Term>> statements = Parser.parse(filter);
    assertThat(statements).hasSize(1);
    assertThat(show(statements.getFirst())).isEqualTo(expected);
  }

  @Test
  void separatesStatements() {
    assertThat(Parser.parse(" \t\n")).isEmpty();
    assertThat(Parser.parse("a = 1; b = 2")).hasSize(2);
    assertThat(Parser.parse("a = ';'")).hasSize(1);
    assertThat(Parser.parse("a IN (';')")).hasSize(1);
  }

  @Test
  void refusesWhatIsTooLong() {
    assertThatThrownBy(() -> Parser.parse("a ".repeat(10_001)))
        .isInstanceOf(MillraceException.class)
        .hasMessageStartingWith("Error on parsing filter");
    assertThatThrownBy(() -> Parser.parse("a = '" + "x".repeat(200_000) + "'"))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("200000 characters");
  }

  @Test
  void readsAnything() {
    Random random = new Random(1);
    List<String> pieces =
        List.of(
            "a", ".", "`", "'", "\"", "(", ")", "IN", " ", "NOT", "NULL", "IS", "=", "1", "-", ",",
            ";", "--", "/*", "*/", "\\", "\0", "日", "\ud800", "AND", "e", "0x", "DESC", "#");
    for (int i = 0; i < 5_000; i++) {
      String text =
          random
              .ints(random.nextInt(12), 0, pieces.size())
              .mapToObj(pieces::get)
              .collect(Collectors.joining(random.nextBoolean() ? " " : ""));
      for (List<Term> statement : Parser.parse(text)) {
        assertThat(statement.stream().allMatch(term -> text.contains(term.source()))).isTrue();
      }
    }
  }

  private static String show(List<Term> terms) {
    return terms.stream().map(ParserTest::show).collect(Collectors.joining("; "));
  }

  private static String show(Term term) {
    return switch (term) {
      case Term.Name(String source) -> "{" + source + "}";
      case Term.Comparison(_, Term left, String operator, Term right) ->
          show(left) + " " + operator + (right == null ? "" : " " + show(right));
      case Term.Text _, Term.Numeral _, Term.Group _, Term.Null _ -> term.source();
      case Term.Expression _, Term.Stray _ -> "?" + term.source() + "?";
    };
  }
}
