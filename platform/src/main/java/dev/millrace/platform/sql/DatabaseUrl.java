package dev.millrace.platform.sql;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is: {@code postgresql://user:password@host:port/database?options}, the form
 * MLflow users know, or {@code h2:/path/to/file}, or {@code h2:mem:NAME} for tests.
 *
 * @param jdbcUrl without credentials
 */
public record DatabaseUrl(
    Dialect dialect, String jdbcUrl, @Nullable String user, @Nullable String password) {

  // MODE and the rest let one SQL text serve both databases. WRITE_DELAY=0: H2 would else answer a
  // commit before it is on disk, and a kill -9 would lose acknowledged data.
  private static final String H2_OPTIONS =
      ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
          + ";NON_KEYWORDS=KEY,VALUE;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0;LOCK_TIMEOUT=60000";

  /**
   * Reads a URL as a user writes it.
   *
   * @throws IllegalArgumentException if it is none; the message holds no password
   */
  public static DatabaseUrl parse(String url) {
    if (url.startsWith("h2:mem:")) {
      return new DatabaseUrl(
          Dialect.H2, "jdbc:" + url + ";DB_CLOSE_DELAY=-1" + H2_OPTIONS, "sa", "");
    }
    if (url.startsWith("h2:")) {
      String file = Path.of(url.substring("h2:".length())).toAbsolutePath().toString();
      if (file.indexOf(';') >= 0) {
        throw new IllegalArgumentException("A database path cannot hold a ';'");
      }
      return new DatabaseUrl(Dialect.H2, "jdbc:h2:file:" + file + H2_OPTIONS, "sa", "");
    }
    if (url.startsWith("postgresql://")
        || url.startsWith("postgres://")
        || url.startsWith("postgresql+psycopg2://")) {
      return postgres(url);
    }
    throw new IllegalArgumentException(
        "The database URL has to look like postgresql://user:password@host:port/database");
  }

  /** Without credentials: safe to print. */
  @Override
  public String toString() {
    return jdbcUrl;
  }

  private static DatabaseUrl postgres(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // The cause's message holds the password.
      throw new IllegalArgumentException(
          "The database URL is not well formed; percent-encode special characters of the password");
    }
    if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
      throw new IllegalArgumentException(
          "The database URL names no host or no database: expected"
              + " postgresql://user:password@host:port/database");
    }
    String jdbc =
        "jdbc:postgresql://"
            + uri.getHost()
            + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
            + uri.getRawPath()
            + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    String userInfo = uri.getRawUserInfo();
    if (userInfo == null) {
      return new DatabaseUrl(Dialect.POSTGRESQL, jdbc, null, null);
    }
    int colon = userInfo.indexOf(':');
    return colon < 0
        ? new DatabaseUrl(Dialect.POSTGRESQL, jdbc, decode(userInfo), null)
        : new DatabaseUrl(
            Dialect.POSTGRESQL,
            jdbc,
            decode(userInfo.substring(0, colon)),
            decode(userInfo.substring(colon + 1)));
  }

  private static String decode(String text) {
    // URLDecoder reads '+' as a space, which a password may hold.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
