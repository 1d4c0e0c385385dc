package dev.millrace.platform.search;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.search.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what MLflow reads with sqlparse 0.6:
 *
 * <pre>
 * filter     = { statement ";" } [ statement ]
 * statement  = { comparison | test | "AND" | stray }
 * comparison = operand comparator operand
 * test       = name ( "IN" | "NOT" "IN" ) group | name "IS" "NULL" | name "IS" "NOT NULL"
 * operand    = part { operator part }
 * part       = path | text | number | group | "NULL" | path group
 * path       = name { "." name }
 * </pre>
 *
 * <p>Nothing is refused here: what fits nowhere is a {@link Term.Stray}, cut as MLflow cuts it, for
 * messages to quote. {@code AND} separates nothing, as in MLflow, so it is left out.
 */
public final class Parser {

  private final String text;
  private final List<Token> tokens;
  private final int[] closing;
  private int at;

  private Parser(String text) {
    this.text = text;
    this.tokens = Lexer.tokens(text);
    this.closing = closing(tokens);
  }

  /**
   * The statements of {@code text}, of which a filter should have one.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is too long
   */
  public static List<List<Term>> parse(String text) {
    Parser parser = new Parser(text);
    List<List<Term>> statements = new ArrayList<>();
    while (parser.at < parser.tokens.size()) {
      statements.add(parser.statement());
    }
    return statements;
  }

  /** A node of the tree while it grows: a term and the tokens it takes, or a token by itself. */
  private record Node(@Nullable Kind kind, Term term, int first, int last) {
    boolean is(Kind other) {
      return kind == other;
    }
  }

  private List<Term> statement() {
    List<Node> nodes = new ArrayList<>();
    while (at < tokens.size()) {
      Node node = comparison();
      nodes.add(node);
      if (node.is(Kind.SEMICOLON)) {
        break;
      }
    }
    return terms(lists(rows(nodes)));
  }

  private Node comparison() {
    Node left = operand();
    if (left == null) {
      return token(at++);
    }
    Node right = left;
    Node before = left;
    String operator = "";
    while (isNext(Kind.COMPARATOR)) {
      int comparator = at++;
      Node next = operand();
      if (next == null) {
        at = comparator;
        break;
      }
      before = right;
      right = next;
      operator = source(comparator, comparator);
    }
    if (right.last == left.last) {
      return left;
    }
    // Of a chain such as "a = b = c" the last comparison counts, and what is before it is its left.
    Term start =
        before.last == left.last ? left.term : new Term.Stray(source(left.first, before.last));
    String source = source(left.first, right.last);
    return new Node(
        null, new Term.Comparison(source, start, operator, right.term), left.first, right.last);
  }

  private @Nullable Node operand() {
    Node first = part();
    Node last = first;
    while (last != null && isNext(Kind.OPERATOR)) {
      int operator = at++;
      Node next = part();
      if (next == null) {
        at = operator;
        break;
      }
      last = next;
    }
    return first == null || last == null || first.last == last.last
        ? first
        : new Node(
            null, new Term.Expression(source(first.first, last.last)), first.first, last.last);
  }

  private @Nullable Node part() {
    if (at >= tokens.size()) {
      return null;
    }
    int first = at;
    Kind kind = tokens.get(first).kind();
    switch (kind) {
      case NAME -> {
        return path();
      }
      case TEXT, INTEGER, DECIMAL, NULL -> at++;
      case OPEN -> {
        if (closing[first] < 0) {
          return null;
        }
        at = closing[first] + 1;
      }
      default -> {
        return null;
      }
    }
    String source = source(first, at - 1);
    Term term =
        switch (kind) {
          case TEXT -> new Term.Text(source);
          case INTEGER -> new Term.Numeral(source, true);
          case DECIMAL -> new Term.Numeral(source, false);
          case NULL -> new Term.Null(source);
          default -> new Term.Group(source);
        };
    return new Node(null, term, first, at - 1);
  }

  private Node path() {
    int first = at++;
    while (isNext(Kind.DOT)) {
      at++;
      if (!isNext(Kind.NAME) && !isNext(Kind.TEXT)) {
        break;
      }
      at++;
    }
    if (isNext(Kind.OPEN) && closing[at] >= 0) {
      at = closing[at] + 1;
      return new Node(null, new Term.Expression(source(first, at - 1)), first, at - 1);
    }
    while (isNext(Kind.DIRECTION)) {
      at++;
    }
    return new Node(null, new Term.Name(source(first, at - 1)), first, at - 1);
  }

  /** Two terms in a row, the second of which is a name, are one: SQL's {@code column alias}. */
  private List<Node> rows(List<Node> nodes) {
    List<Node> result = new ArrayList<>(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (i + 1 < nodes.size()
          && canHaveAlias(node.term)
          && nodes.get(i + 1).term instanceof Term.Name) {
        result.add(joined(node, nodes.get(++i)));
      } else {
        result.add(node);
      }
    }
    return result;
  }

  private List<Node> lists(List<Node> nodes) {
    List<Node> result = new ArrayList<>(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      int last = i;
      while (canBeListed(nodes.get(last))
          && last + 2 < nodes.size()
          && nodes.get(last + 1).is(Kind.COMMA)
          && canBeListed(nodes.get(last + 2))) {
        last += 2;
      }
      if (last > i) {
        node = joined(node, nodes.get(last));
        i = last;
      }
      result.add(node);
    }
    return result;
  }

  private static boolean canHaveAlias(Term term) {
    return switch (term) {
      case Term.Name _, Term.Numeral _, Term.Group _, Term.Expression _, Term.Comparison _ -> true;
      case Term.Text _, Term.Null _, Term.Stray _ -> false;
    };
  }

  private static boolean canBeListed(Node node) {
    return switch (node.term) {
      case Term.Name _,
          Term.Text _,
          Term.Numeral _,
          Term.Null _,
          Term.Expression _,
          Term.Comparison _ ->
          true;
      case Term.Stray _ -> node.kind == null;
      case Term.Group _ -> false;
    };
  }

  /**
   * Tests, which are several nodes yet; and a row of names counts as a name, as MLflow's order does
   * with {@code name DESC}.
   */
  private List<Term> terms(List<Node> nodes) {
    List<Term> terms = new ArrayList<>(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.is(Kind.AND)) {
        continue;
      }
      if (node.term instanceof Term.Name name && i + 2 < nodes.size()) {
        Node second = nodes.get(i + 1);
        Node third = nodes.get(i + 2);
        if (second.is(Kind.IN) && third.term instanceof Term.Group) {
          terms.add(test(node, source(second.first, second.last), third));
          i += 2;
          continue;
        }
        if (second.is(Kind.IS) && third.term instanceof Term.Null) {
          terms.add(new Term.Comparison(source(node.first, third.last), name, "IS NULL", null));
          i += 2;
          continue;
        }
        if (second.is(Kind.IS)
            && third.is(Kind.NOT_NULL)
            && third.term.source().equalsIgnoreCase("NOT NULL")) {
          terms.add(new Term.Comparison(source(node.first, third.last), name, "IS NOT NULL", null));
          i += 2;
          continue;
        }
        if (second.is(Kind.NOT)
            && third.is(Kind.IN)
            && i + 3 < nodes.size()
            && nodes.get(i + 3).term instanceof Term.Group) {
          terms.add(test(node, "NOT IN", nodes.get(i + 3)));
          i += 3;
          continue;
        }
      }
      terms.add(node.term);
    }
    return terms;
  }

  private Term test(Node left, String operator, Node right) {
    return new Term.Comparison(source(left.first, right.last), left.term, operator, right.term);
  }

  private Node joined(Node first, Node last) {
    Term term =
        first.term instanceof Term.Name
                && last.term instanceof Term.Name
                && first.last + 1 == last.first
            ? new Term.Name(source(first.first, last.last))
            : new Term.Stray(source(first.first, last.last));
    return new Node(null, term, first.first, last.last);
  }

  private Node token(int index) {
    return new Node(tokens.get(index).kind(), new Term.Stray(source(index, index)), index, index);
  }

  private boolean isNext(Kind kind) {
    return at < tokens.size() && tokens.get(at).kind() == kind;
  }

  private String source(int first, int last) {
    return text.substring(tokens.get(first).start(), tokens.get(last).end());
  }

  /** For each opening parenthesis where it is closed, or -1. */
  private static int[] closing(List<Token> tokens) {
    int[] closing = new int[tokens.size()];
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < closing.length; i++) {
      closing[i] = -1;
      if (tokens.get(i).kind() == Kind.OPEN) {
        open.add(i);
      } else if (tokens.get(i).kind() == Kind.CLOSE && !open.isEmpty()) {
        closing[open.removeLast()] = i;
      }
    }
    return closing;
  }
}
