package dev.millrace.platform.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement, or a part of one, whose text depends on what a caller asks for. Values are never
 * part of the text: each stands in the list of arguments, and a {@code ?} in its place.
 */
public final class Sql {

  private final StringBuilder text = new StringBuilder();
  private final List<@Nullable Object> arguments = new ArrayList<>();

  /** A part of {@code text}, with a {@code ?} for each of {@code arguments}. */
  public static Sql of(String text, @Nullable Object... arguments) {
    return new Sql().add(text, arguments);
  }

  /** Parts with {@code separator} between them. */
  public static Sql join(String separator, List<Sql> parts) {
    Sql result = new Sql();
    for (int i = 0; i < parts.size(); i++) {
      result.add(i == 0 ? "" : separator).add(parts.get(i));
    }
    return result;
  }

  /** Appends {@code text}, with a {@code ?} for each of {@code arguments}. */
  public Sql add(String text, @Nullable Object... arguments) {
    this.text.append(text);
    Collections.addAll(this.arguments, arguments);
    return this;
  }

  /** Appends another part. */
  public Sql add(Sql part) {
    text.append(part.text);
    arguments.addAll(part.arguments);
    return this;
  }

  /** The text so far. */
  public String text() {
    return text.toString();
  }

  /** The arguments so far, in the order of their places. */
  public @Nullable Object[] arguments() {
    return arguments.toArray();
  }

  @Override
  public String toString() {
    return text + " " + arguments;
  }
}
