package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.search.Condition;
import dev.millrace.platform.search.Entity;
import dev.millrace.platform.search.Field;
import dev.millrace.platform.search.Operator;
import dev.millrace.platform.search.OrderBy;
import dev.millrace.platform.sql.Dialect;
import dev.millrace.platform.sql.NumberColumn;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.TextColumn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of a {@link ModelVersionQuery}, written so that a page is a walk along an index in the
 * order asked for, however many versions there are: along the versions of a run, with a tag, of a
 * model or all, whichever of these the filter fixes first. PostgreSQL may find something better.
 */
final class ModelVersionSearch {

  /** As many runs, or models, are walked through one by one; more of them are looked for. */
  private static final int MAX_SINGLE = 16;

  private static final String WORKSPACE = "model_versions.workspace";

  private final Dialect dialect;
  private final PromptFilter filter;
  private final List<OrderBy> orders = new ArrayList<>();
  private final String first;
  private final @Nullable Condition run;
  private final @Nullable Condition name;
  private final Condition.@Nullable OfText tag;

  private ModelVersionSearch(ModelVersionQuery query, Dialect dialect) {
    this.dialect = dialect;
    this.filter = query.filter();
    this.name = fixed(ModelVersionVocabulary.NAME);
    orders.addAll(query.orders());
    orders.add(order(ModelVersionVocabulary.NAME, true));
    orders.add(order(ModelVersionVocabulary.VERSION, false));
    if (name != null && values(name).size() == 1) {
      orders.removeIf(order -> order.field().key().equals(ModelVersionVocabulary.NAME));
    }
    this.first = orders.getFirst().field().key();
    this.run = fixed(ModelVersionVocabulary.RUN);
    this.tag = run == null ? fixedTag() : null;
  }

  /** The query in SQL. */
  static PageQuery sql(ModelVersionQuery query, Dialect dialect) {
    ModelVersionSearch search = new ModelVersionSearch(query, dialect);
    return new PageQuery(
        ModelVersionStore.COLUMNS,
        ModelVersionStore.COLUMN_COUNT,
        List.of(new Segment(search.branches(), search.keys())));
  }

  /** The condition that an attribute is one of a few values, if there is one. */
  private @Nullable Condition fixed(String attribute) {
    return filter.conditions().stream()
        .filter(condition -> condition.field().equals(attribute(attribute)))
        .filter(condition -> !values(condition).isEmpty())
        .filter(condition -> values(condition).size() <= MAX_SINGLE)
        .findFirst()
        .orElse(null);
  }

  private Condition.@Nullable OfText fixedTag() {
    for (Condition condition : filter.conditions()) {
      if (condition instanceof Condition.OfText text
          && text.field().entity() == Entity.TAG
          && text.operator() == Operator.EQUAL) {
        return text;
      }
    }
    return null;
  }

  /** The values of which a field has to have one; empty if there may be others. */
  private static List<String> values(Condition condition) {
    return switch (condition) {
      case Condition.OfText(_, var operator, var value) when operator == Operator.EQUAL ->
          List.of(value);
      case Condition.Membership(_, var isMember, var values) when isMember ->
          values.stream().distinct().toList();
      case Condition.OfText _, Condition.Membership _, Condition.OfNumber _, Condition.Presence _ ->
          List.of();
    };
  }

  private List<Branch> branches() {
    if (run != null) {
      return values(run).stream().map(this::ofRun).toList();
    }
    if (name != null) {
      return values(name).stream()
          .map(each -> tag == null ? ofModel(each) : ofTag(tag, each))
          .toList();
    }
    return List.of(tag == null ? ofAll() : ofTag(tag, null));
  }

  private Branch ofRun(String runId) {
    TextColumn column = text("model_versions.run_id", true);
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of(WORKSPACE + " = ?", Workspace.DEFAULT));
    where.add(column.compare(Operator.EQUAL, runId));
    where.add(withoutPrompts(null));
    where.addAll(demands(run, null));
    boolean isInOrder = first.equals(ModelVersionVocabulary.UPDATED);
    return new Branch(
        Sql.of("model_versions" + dialect.through("model_versions_run")),
        Sql.join(" AND ", where),
        isInOrder ? inFront(WORKSPACE, column.order().getFirst()) : List.of());
  }

  private Branch ofTag(Condition.OfText demand, @Nullable String model) {
    TextColumn column = text("tag.value", true);
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of("tag.workspace = ?", Workspace.DEFAULT));
    if (model != null) {
      where.add(Sql.of("tag.model_no = ").add(numberOf(model)));
    }
    where.add(text("tag.key", false).compare(Operator.EQUAL, demand.field().key()));
    where.add(column.compare(Operator.EQUAL, demand.value()));
    where.add(withoutPrompts(model));
    where.addAll(demands(demand, model == null ? null : name));
    List<String> fixed = List.of();
    if (first.equals(ModelVersionVocabulary.UPDATED)) {
      String value = column.order().getFirst();
      fixed =
          model == null
              ? inFront("tag.workspace", "tag.key", value)
              : inFront("tag.model_no", "tag.key", value);
    }
    String index = model == null ? "model_version_tags_value" : "model_version_tags_model";
    return new Branch(
        Sql.of(
            """
            model_version_tags AS tag%s
              JOIN model_versions ON model_versions.version_no = tag.version_no\
            """
                .formatted(dialect.through(index))),
        Sql.join(" AND ", where),
        fixed);
  }

  private Branch ofModel(String model) {
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of(WORKSPACE + " = ?", Workspace.DEFAULT));
    where.add(text("model_versions.name", false).compare(Operator.EQUAL, model));
    where.add(withoutPrompts(model));
    where.addAll(demands(name, null));
    String index =
        switch (first) {
          case ModelVersionVocabulary.UPDATED -> "model_versions_name_updated";
          case ModelVersionVocabulary.CREATED -> "model_versions_name_created";
          default -> "model_versions_name";
        };
    List<String> fixed =
        first.equals(ModelVersionVocabulary.NAME)
            ? inFront(WORKSPACE)
            : inFront(WORKSPACE, "model_versions.name");
    return walk(index, where, fixed);
  }

  private Branch ofAll() {
    List<Sql> where = new ArrayList<>();
    where.add(Sql.of(WORKSPACE + " = ?", Workspace.DEFAULT));
    where.add(withoutPrompts(null));
    where.addAll(demands(null, null));
    String index =
        switch (first) {
          case ModelVersionVocabulary.UPDATED -> "model_versions_updated";
          case ModelVersionVocabulary.CREATED -> "model_versions_created";
          case ModelVersionVocabulary.VERSION -> "model_versions_number";
          default -> "model_versions_name";
        };
    if (first.equals(ModelVersionVocabulary.NAME)) {
      return walk(index, where, inFront(WORKSPACE));
    }
    return filter.asksForPrompts()
        ? new Branch(Sql.of("model_versions"), Sql.join(" AND ", where))
        : walk(index, where, inFront(WORKSPACE, "model_versions.is_prompt"));
  }

  /** Walks along an index, unless a condition is likely to find few versions through another. */
  private Branch walk(String index, List<Sql> where, List<String> fixed) {
    Sql all = Sql.join(" AND ", where);
    return filter.conditions().stream().anyMatch(this::findsFew)
        ? new Branch(Sql.of("model_versions"), all)
        : new Branch(Sql.of("model_versions" + dialect.through(index)), all, fixed);
  }

  private boolean findsFew(Condition condition) {
    if (condition.equals(name)) {
      return false;
    }
    return switch (condition) {
      case Condition.OfNumber(_, var operator, _) -> operator != Operator.NOT_EQUAL;
      case Condition.Membership(_, var isMember, _) -> isMember;
      case Condition.OfText _, Condition.Presence _ -> false;
    };
  }

  /** What stands in front of the order, in the direction in which the index is read for it. */
  private List<String> inFront(String... columns) {
    // Indexes hold the latest, and the highest, first; but names ascend.
    boolean isForward =
        orders.getFirst().isAscending() == first.equals(ModelVersionVocabulary.NAME);
    return dialect.inFront(
        List.of(columns).stream().map(each -> isForward ? each : each + " DESC").toList());
  }

  /**
   * The condition that leaves out versions of every name of which some version is a prompt's.
   *
   * @param model the only name there is; null for that of each version
   */
  private Sql withoutPrompts(@Nullable String model) {
    if (filter.asksForPrompts()) {
      return Sql.of("TRUE");
    }
    TextColumn value = text("prompt.value", true);
    // NOT EXISTS in a form that PostgreSQL asks of row after row, in the order of an index, instead
    // of scanning for the many prompts that it expects.
    Sql isPrompt =
        Sql.of("SELECT TRUE FROM model_version_tags AS prompt WHERE prompt.model_no = ")
            .add(model == null ? Sql.of("model_versions.model_no") : numberOf(model))
            .add(" AND prompt.key = ? AND ", Prompts.IS_PROMPT)
            .add(value.compare(Operator.EQUAL, PromptFilter.TRUE))
            .add(" ORDER BY prompt.model_no, prompt.key, ")
            .add(value.order().getFirst())
            .add(", prompt.last_update_time DESC, prompt.version DESC LIMIT 1");
    Sql sql = Sql.of("NOT COALESCE((").add(isPrompt).add("), FALSE)");
    return model == null ? sql.add(" AND model_versions.is_prompt = FALSE") : sql;
  }

  private Sql numberOf(String model) {
    return Sql.of(
            "(SELECT model_no FROM registered_models WHERE workspace = ? AND ", Workspace.DEFAULT)
        .add(text("name", false).compare(Operator.EQUAL, model))
        .add(")");
  }

  /** The conditions but for those that a branch begins with. */
  private List<Sql> demands(@Nullable Condition begun, @Nullable Condition begunToo) {
    return filter.conditions().stream()
        .filter(condition -> !condition.equals(begun) && !condition.equals(begunToo))
        .map(this::demand)
        .toList();
  }

  private Sql demand(Condition condition) {
    if (condition.field().entity() == Entity.TAG) {
      return Sql.of(
              """
              EXISTS (SELECT 1 FROM model_version_tags AS other
                WHERE other.version_no = model_versions.version_no AND \
              """)
          .add(text("other.key", false).compare(Operator.EQUAL, condition.field().key()))
          .add(" AND ")
          .add(ofText(text("other.value", true), condition))
          .add(")");
    }
    return switch (condition.field().key()) {
      case ModelVersionVocabulary.VERSION ->
          condition instanceof Condition.OfNumber(_, var operator, var number)
              ? new NumberColumn("model_versions.version").compare(operator, number)
              : unexpected(condition);
      case ModelVersionVocabulary.RUN -> ofText(text("model_versions.run_id", true), condition);
      case ModelVersionVocabulary.SOURCE -> ofText(text("model_versions.source", false), condition);
      default -> ofText(text("model_versions.name", false), condition);
    };
  }

  private static Sql ofText(TextColumn column, Condition condition) {
    return switch (condition) {
      case Condition.OfText(_, var operator, var value) -> column.compare(operator, value);
      case Condition.Membership(_, var isMember, var values) -> column.member(isMember, values);
      case Condition.OfNumber _, Condition.Presence _ -> unexpected(condition);
    };
  }

  private TextColumn text(String column, boolean isIndexed) {
    return new TextColumn(dialect, column, isIndexed);
  }

  private List<SortKey> keys() {
    // A tag repeats what its indexes are ordered by.
    String table =
        tag != null && first.equals(ModelVersionVocabulary.UPDATED) ? "tag" : "model_versions";
    List<SortKey> keys = new ArrayList<>();
    for (OrderBy order : orders) {
      SortKey.Type type =
          order.field().key().equals(ModelVersionVocabulary.NAME)
              ? SortKey.Type.TEXT
              : SortKey.Type.WHOLE;
      String column =
          switch (order.field().key()) {
            case ModelVersionVocabulary.UPDATED -> table + ".last_update_time";
            case ModelVersionVocabulary.CREATED -> "model_versions.creation_time";
            case ModelVersionVocabulary.VERSION -> table + ".version";
            default -> "model_versions.name";
          };
      SortKey.add(keys, SortKey.of(column, type, order.isAscending()));
    }
    return keys;
  }

  private static OrderBy order(String attribute, boolean isAscending) {
    return new OrderBy(attribute(attribute), isAscending);
  }

  private static Field attribute(String key) {
    return new Field(Entity.ATTRIBUTE, key);
  }

  private static Sql unexpected(Condition condition) {
    throw new IllegalArgumentException("Nothing that versions are asked: " + condition);
  }
}
