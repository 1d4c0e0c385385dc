package dev.millrace.platform.search;

import org.jspecify.annotations.Nullable;

/**
 * An identifier in two.
 *
 * @param entity what is before the first dot, as written; null if there is no dot
 * @param key the rest, without quotes and backticks
 */
public record Identifier(@Nullable String entity, String key) {

  /** Splits {@code text}. */
  public static Identifier of(String text) {
    int dot = text.indexOf('.');
    String key = Literals.withoutQuotes(text.substring(dot + 1));
    return new Identifier(dot < 0 ? null : text.substring(0, dot), Literals.withoutBackticks(key));
  }
}
