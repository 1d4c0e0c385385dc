package dev.millrace.tracking;

import dev.millrace.platform.sql.Sql;
import java.util.List;

/**
 * The experiments that one part of a search looks in. Indexes begin with the experiment, so rows of
 * one experiment come out of them in order, but those of several do not.
 */
record Scope(List<Long> experimentIds) {

  /** As many experiments are searched one by one; more of them together. */
  private static final int MAX_SINGLE = 16;

  /** Each experiment by itself, or, if they are many, all together. */
  static List<Scope> of(List<Long> experimentIds) {
    return experimentIds.size() > MAX_SINGLE
        ? List.of(new Scope(experimentIds))
        : experimentIds.stream().map(id -> new Scope(List.of(id))).toList();
  }

  /** The condition that {@code column} is one of the experiments. */
  Sql contains(String column) {
    return experimentIds.size() == 1
        ? Sql.of(column + " = ?", experimentIds.getFirst())
        : Sql.of(column + " = ANY(?)", (Object) experimentIds.toArray(Long[]::new));
  }
}
