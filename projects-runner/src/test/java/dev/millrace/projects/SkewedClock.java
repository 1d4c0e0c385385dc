package dev.millrace.projects;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Databases whose clock is hours off this machine's. No database's clock can be set for itself, so
 * a driver before the database's own adds the hours to each {@code CURRENT_TIMESTAMP} of what is
 * asked.
 */
final class SkewedClock implements Driver {

  private static final String NOW = "CURRENT_TIMESTAMP";
  private static final Pattern HOURS = Pattern.compile("[;?]clock_hours=(-?[0-9]+)");

  static {
    try {
      register();
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private SkewedClock() {}

  /** The URL of the same database with another clock; it may have no options yet. */
  static String of(String databaseUrl, long hours) {
    return databaseUrl + (databaseUrl.startsWith("h2:") ? ";" : "?") + "clock_hours=" + hours;
  }

  /** The databases' own drivers would take these URLs as well: they are asked later. */
  private static void register() throws SQLException {
    List<Driver> others = DriverManager.drivers().toList();
    for (Driver other : others) {
      DriverManager.deregisterDriver(other);
    }
    DriverManager.registerDriver(new SkewedClock());
    for (Driver other : others) {
      DriverManager.registerDriver(other);
    }
  }

  @Override
  public boolean acceptsURL(String url) {
    return HOURS.matcher(url).find();
  }

  @Override
  public @Nullable Connection connect(String url, Properties properties) throws SQLException {
    Matcher hours = HOURS.matcher(url);
    if (!hours.find()) {
      return null;
    }
    String skewed = "(%s + INTERVAL '%s' HOUR)".formatted(NOW, hours.group(1));
    Connection plain = DriverManager.getConnection(hours.replaceFirst(""), properties);
    return (Connection)
        Proxy.newProxyInstance(
            SkewedClock.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              if (method.getName().equals("prepareStatement")) {
                arguments[0] = ((String) arguments[0]).replace(NOW, skewed);
              }
              try {
                return method.invoke(plain, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return 1;
  }

  @Override
  public int getMinorVersion() {
    return 0;
  }

  @Override
  public boolean jdbcCompliant() {
    return true;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger(SkewedClock.class.getName());
  }
}
