package dev.millrace.platform.search;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The fields a noun can be searched by and how they are compared, in the form in which most nouns
 * of MLflow share it. Errors are the messages of mlflow 3.17.2 {@code search_utils.py}.
 */
public abstract class Vocabulary {

  /** More conditions, or orders, cost more than they can be worth; MLflow's database ends there. */
  private static final int MAX_CLAUSES = 64;

  /**
   * What {@code filter} demands; all of it has to be fulfilled.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no filter for this noun
   */
  public final List<Condition> conditions(String filter) {
    if (filter.isEmpty()) {
      return List.of();
    }
    List<List<Term>> statements = Parser.parse(filter);
    if (statements.isEmpty()) {
      throw MillraceException.invalidParameter(
          "Invalid filter '%s'. Could not be parsed.".formatted(filter));
    }
    if (statements.size() > 1) {
      throw MillraceException.invalidParameter(
          "Search filter contained multiple expression %s. Provide AND-ed expression list."
              .formatted(PythonText.of(filter)));
    }
    List<Term.Comparison> comparisons = new ArrayList<>();
    List<String> strays = new ArrayList<>();
    for (Term term : statements.getFirst()) {
      if (term instanceof Term.Comparison comparison) {
        comparisons.add(comparison);
      } else {
        strays.add(term.source());
      }
    }
    if (!strays.isEmpty()) {
      throw MillraceException.invalidParameter(
          "Invalid clause(s) in filter string: " + enumerate(strays));
    }
    if (comparisons.size() > MAX_CLAUSES) {
      throw MillraceException.invalidParameter(
          "Invalid filter string: it has %d comparisons, and may have at most %d"
              .formatted(comparisons.size(), MAX_CLAUSES));
    }
    return comparisons.stream().map(this::condition).toList();
  }

  /**
   * The order that {@code clauses} ask for.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if one of them is no order of this noun
   */
  public final List<OrderBy> orders(List<String> clauses) {
    if (clauses.size() > MAX_CLAUSES) {
      throw MillraceException.invalidParameter(
          "Invalid order_by: it has %d clauses, and may have at most %d"
              .formatted(clauses.size(), MAX_CLAUSES));
    }
    return clauses.stream().map(this::order).toList();
  }

  /** The parts of a filter that belong nowhere, as the message shows them. */
  protected abstract String enumerate(List<String> strays);

  /**
   * The field that filters name so.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is none
   */
  protected abstract Field field(String identifier);

  /**
   * The field that orders name so.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if there is none
   */
  protected abstract Field orderField(String identifier);

  /**
   * The condition that {@code field} compares with {@code value}.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it cannot be compared so
   */
  protected abstract Condition comparison(Field field, String operator, Term value);

  /**
   * The condition IS NULL or IS NOT NULL.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if {@code field} always is there
   */
  protected abstract Condition presence(Field field, boolean isPresent);

  /**
   * A text in quotes.
   *
   * @param expectation the message if {@code value} is something else, up to what was found
   */
  protected static String text(Term value, String expectation) {
    if (!(value instanceof Term.Text) && !(value instanceof Term.Name)) {
      throw MillraceException.invalidParameter(expectation + value.source());
    }
    if (!Literals.isQuoted(value.source())) {
      throw MillraceException.invalidParameter(
          "Parameter value is either not quoted or unidentified quote types used for string value"
              + " %s. Use either single or double quotes.".formatted(value.source()));
    }
    return Literals.withoutQuotes(value.source());
  }

  /**
   * A number.
   *
   * @param expectation the message if {@code value} is something else, up to what was found
   */
  protected static Term.Numeral numeral(Term value, String expectation) {
    if (value instanceof Term.Numeral numeral) {
      return numeral;
    }
    throw MillraceException.invalidParameter(expectation + value.source());
  }

  /** The error for an operator that is none of those a field can be compared by. */
  protected static MillraceException invalidComparator(String operator, String oneOf) {
    return MillraceException.invalidParameter(
        "Invalid comparator '%s' not one of '%s".formatted(operator, oneOf));
  }

  /** A set as messages print it. */
  protected static String set(Collection<String> words) {
    return PythonText.of(new TreeSet<>(words));
  }

  private Condition condition(Term.Comparison comparison) {
    if (!(comparison.left() instanceof Term.Name name)) {
      throw MillraceException.invalidParameter(
          "Invalid comparison clause. Expected 'Identifier' found '%s'"
              .formatted(comparison.left().source()));
    }
    Field field = field(name.source());
    return comparison.right() == null
        ? presence(field, comparison.operator().equals("IS NOT NULL"))
        : comparison(field, comparison.operator(), comparison.right());
  }

  private OrderBy order(String clause) {
    List<String> words = words(orderTerm(clause).replace('`', '"'), clause);
    if (words.size() < 2) {
      return new OrderBy(orderField(clause), true);
    }
    String direction = words.get(1).toLowerCase(Locale.ROOT);
    if (words.size() > 2) {
      throw unparsable(clause);
    }
    if (!direction.equals("asc") && !direction.equals("desc")) {
      throw MillraceException.invalidParameter(
          "Invalid ordering key in order_by clause '%s'.".formatted(clause));
    }
    return new OrderBy(orderField(words.getFirst().strip()), direction.equals("asc"));
  }

  /** {@code clause}, once it is clear that it is one name, with or without a direction. */
  private static String orderTerm(String clause) {
    // A type for SQL, and so no name, but MLflow lets it through to complain of it later.
    if (clause.matches("timestamp(\\s+(?i:ASC|DESC))?")) {
      return clause;
    }
    List<List<Term>> statements = Parser.parse(clause);
    if (statements.size() == 1
        && statements.getFirst().size() == 1
        && statements.getFirst().getFirst() instanceof Term.Name name
        && name.source().equals(clause)) {
      return clause;
    }
    throw unparsable(clause);
  }

  /** Words as a shell splits them: at spaces, but not within quotes, which go away. */
  private static List<String> words(String text, String clause) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        if (quote == '"' && next != '"' && next != '\\') {
          word.append(c);
        }
        word.append(next);
        inWord = true;
      } else if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
        word.append(c);
        inWord = true;
      } else if (inWord) {
        words.add(word.toString());
        word.setLength(0);
        inWord = false;
      }
    }
    if (quote != 0) {
      throw unparsable(clause);
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  private static MillraceException unparsable(String clause) {
    return MillraceException.invalidParameter(
        "Invalid order_by clause '%s'. Could not be parsed.".formatted(clause));
  }
}
