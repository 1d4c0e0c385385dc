package dev.millrace.standalone;

import dev.millrace.platform.error.MillraceException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what a service threw on start into the one line that a user can act on. */
final class Explanation {

  private Explanation() {}

  /**
   * The line for {@code thrown}. It holds no password: drivers' messages are not quoted.
   *
   * @param settings what the services were told, to name it in the line
   */
  static StartException of(Throwable thrown, Settings settings) {
    List<Throwable> causes = causes(thrown);
    for (Throwable cause : causes.reversed()) {
      String line = line(cause, settings);
      if (line != null) {
        return StartException.environment(line, thrown);
      }
    }
    Throwable root = causes.getLast();
    return StartException.environment(
        "cannot start: %s (%s); MILLRACE_LOG_LEVEL=DEBUG shows more"
            .formatted(message(root), root.getClass().getSimpleName()),
        thrown);
  }

  private static @Nullable String line(Throwable cause, Settings settings) {
    return switch (cause) {
      case BindException e ->
          "cannot listen on %s:%s (%s); choose another with --host and --port"
              .formatted(settings.host(), settings.port(), message(e));
      case SQLException e -> database(e, settings);
      case MillraceException e ->
          "cannot use the artifacts at %s: %s".formatted(settings.artifacts(), message(e));
      case IllegalArgumentException e -> message(e);
      default -> null;
    };
  }

  private static @Nullable String database(SQLException e, Settings settings) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String where = settings.database();
    // PostgreSQL's classes; 90020 is H2's DATABASE_ALREADY_OPEN_1.
    return switch (state) {
      case "28000", "28P01" -> "the database %s refuses this user or password".formatted(where);
      case "3D000" -> "the database %s does not exist".formatted(where);
      case "42501" -> "the database %s does not let this user create tables".formatted(where);
      case "90020" -> "another process already uses the database %s".formatted(where);
      case "08001", "08004", "08006" ->
          e.getCause() instanceof UnknownHostException
              ? "the database %s is not reachable: its host is unknown".formatted(where)
              : "the database %s is not reachable".formatted(where);
      default -> null;
    };
  }

  private static List<Throwable> causes(Throwable thrown) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = thrown; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }

  private static String message(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null || message.isBlank()
        ? thrown.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
