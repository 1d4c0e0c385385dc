package dev.millrace.testing;

import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.DatabaseUrl;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What a service's migrations make of a database, in words that H2 and PostgreSQL share. */
public final class Schema {

  private Schema() {}

  /**
   * Opens the database, and with it runs the migrations, and lists its columns and constraints.
   *
   * @param service as in {@link Database#open}
   */
  public static List<String> of(String service, String databaseUrl) {
    try (Database database = Database.open(service, DatabaseUrl.parse(databaseUrl), 2)) {
      List<String> lines = new ArrayList<>();
      lines.addAll(
          database.read(
              tx ->
                  tx.query(
                      """
                      SELECT table_name, column_name, data_type, is_nullable, is_identity
                      FROM information_schema.columns
                      WHERE table_schema = 'public' AND table_name NOT LIKE 'flyway%'
                      """,
                      row ->
                          "%s.%s %s%s%s"
                              .formatted(
                                  row.string(1),
                                  row.string(2),
                                  type(row.string(3)),
                                  row.string(4).equals("YES") ? "" : " not null",
                                  row.string(5).equals("YES") ? " identity" : ""))));
      lines.addAll(
          database.read(
              tx ->
                  tx.query(
                      """
                      SELECT constraints.table_name, constraints.constraint_type,
                        columns.column_name, columns.ordinal_position
                      FROM information_schema.table_constraints AS constraints
                      JOIN information_schema.key_column_usage AS columns
                        ON columns.constraint_name = constraints.constraint_name
                        AND columns.table_name = constraints.table_name
                      WHERE constraints.table_schema = 'public'
                        AND constraints.table_name NOT LIKE 'flyway%'
                      """,
                      row ->
                          "%s %s %s %d"
                              .formatted(
                                  row.string(1), row.string(2), row.string(3), row.intValue(4)))));
      lines.replaceAll(line -> line.toLowerCase(Locale.ROOT).strip());
      Collections.sort(lines);
      return lines;
    }
  }

  /** Texts have one type; how long they may be is said to PostgreSQL alone. */
  private static String type(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "text", "character large object" -> "character varying";
      default -> name;
    };
  }
}
