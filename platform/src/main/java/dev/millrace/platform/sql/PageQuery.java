package dev.millrace.platform.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A query whose rows are read page by page. Its order is total; a page begins behind the place of
 * the last row of the one before.
 *
 * <p>The order may fall into segments that follow each other: those rows that have the metric that
 * it is about, then those that have not. Each is a statement of its own, so that an index can serve
 * it, and a page reads no more of them than it needs.
 *
 * @param columns what to select, with the names of their tables
 * @param columnCount how many that are
 * @param keepsPlan whether the database need not plan for the very arguments, as it would find the
 *     rows in the same way for any
 */
public record PageQuery(
    String columns, int columnCount, List<Segment> segments, boolean keepsPlan) {

  private static final String QUERY = "query";
  private static final String AFTER = "after";

  /** A query that is planned for its very arguments. */
  public PageQuery(String columns, int columnCount, List<Segment> segments) {
    this(columns, columnCount, segments, false);
  }

  /**
   * A part of the order.
   *
   * @param branches the same question to several experiments, each with an index of its own to
   *     begin with; the results are merged
   * @param keys the last of them is unique
   */
  public record Segment(List<Branch> branches, List<SortKey> keys) {}

  /**
   * What is between FROM and ORDER BY.
   *
   * @param from tables and joins
   * @param fixed what to put in front of the order: see {@link Dialect#inFront}
   */
  public record Branch(Sql from, Sql where, List<String> fixed) {

    /** A branch with nothing in front of its order. */
    public Branch(Sql from, Sql where) {
      this(from, where, List.of());
    }
  }

  /**
   * A row's place in the order.
   *
   * @param values one for each key of the segment
   */
  public record Place(int segment, List<? extends @Nullable Object> values) {

    /** As a list for a token. */
    public List<@Nullable Object> content() {
      List<@Nullable Object> content = new ArrayList<>();
      content.add((long) segment);
      content.addAll(values);
      return content;
    }

    /**
     * The token that carries it.
     *
     * @param query the fingerprint of what was asked for
     */
    public String token(String query) {
      Map<String, Object> content = new LinkedHashMap<>();
      content.put(QUERY, query);
      content.put(AFTER, content());
      return PageToken.encode(content);
    }
  }

  /**
   * Some rows.
   *
   * @param next the place behind which the next page begins; null if there is none
   */
  public record Page<T>(List<T> rows, @Nullable Place next) {}

  private record Found<T>(T row, Place place) {}

  /**
   * The place that a token carries.
   *
   * @param token the content of a token
   * @param query the fingerprint of what is asked for
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none of this query
   */
  public Place place(Map<String, ? extends @Nullable Object> token, String query) {
    Place place = query.equals(token.get(QUERY)) ? place(token.get(AFTER)) : null;
    if (place == null) {
      throw PageToken.foreign(token);
    }
    return place;
  }

  /**
   * The place that a list in a token carries.
   *
   * @return null if it is none of this query
   */
  public @Nullable Place place(@Nullable Object after) {
    if (!(after instanceof List<?> list)
        || list.isEmpty()
        || !(list.getFirst() instanceof Long number)
        || number < 0
        || number >= segments.size()) {
      return null;
    }
    List<SortKey> keys = segments.get(number.intValue()).keys();
    List<@Nullable Object> values = new ArrayList<>(list.subList(1, list.size()));
    boolean fits =
        values.size() == keys.size()
            && IntStream.range(0, keys.size()).allMatch(i -> keys.get(i).accepts(values.get(i)));
    return fits ? new Place(number.intValue(), values) : null;
  }

  /**
   * Reads the page behind {@code start}; at most one statement a segment.
   *
   * @param start null for the first page
   * @param mapper reads the columns
   */
  public <T> Page<T> read(
      Tx tx, @Nullable Place start, int maxResults, Row.Mapper<? extends T> mapper)
      throws SQLException {
    List<Found<T>> found = new ArrayList<>();
    int first = start == null ? 0 : start.segment();
    for (int i = first; i < segments.size() && found.size() <= maxResults; i++) {
      int number = i;
      List<SortKey> keys = segments.get(i).keys();
      Sql sql = statement(i, i == first ? start : null, maxResults + 1 - found.size());
      found.addAll(
          tx.query(sql, keepsPlan, row -> new Found<>(mapper.map(row), place(row, number, keys))));
    }
    boolean hasMore = found.size() > maxResults;
    List<Found<T>> page = hasMore ? found.subList(0, maxResults) : found;
    return new Page<>(
        page.stream().map(Found::row).toList(), hasMore ? page.getLast().place() : null);
  }

  private Place place(Row row, int segment, List<SortKey> keys) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      values.add(keys.get(i).value(row, columnCount + 1 + i));
    }
    return new Place(segment, values);
  }

  /**
   * The statement that reads a segment.
   *
   * @param start a place in this segment; null to read it from its beginning
   */
  public Sql statement(int number, @Nullable Place start, int limit) {
    Segment segment = segments.get(number);
    List<SortKey> keys = segment.keys();
    List<String> names = IntStream.range(0, keys.size()).mapToObj(i -> "sort_" + i).toList();
    List<Sql> selects = new ArrayList<>();
    for (Branch branch : segment.branches()) {
      Sql sql = Sql.of("SELECT " + columns);
      for (int i = 0; i < keys.size(); i++) {
        sql.add(", %s AS %s".formatted(keys.get(i).expression(), names.get(i)));
      }
      sql.add(" FROM ").add(branch.from()).add(" WHERE ").add(branch.where());
      if (start != null) {
        sql.add(" AND (").add(SortKey.after(keys, start.values())).add(")");
      }
      sql.add(" ORDER BY ");
      branch.fixed().forEach(column -> sql.add(column).add(", "));
      sql.add(SortKey.orderBy(keys));
      selects.add(sql.add(" LIMIT ?", limit));
    }
    return selects.size() == 1
        ? selects.getFirst()
        : Sql.of("SELECT * FROM ((")
            .add(Sql.join(") UNION ALL (", selects))
            .add(")) AS page ORDER BY " + SortKey.orderBy(keys, names))
            .add(" LIMIT ?", limit);
  }
}
