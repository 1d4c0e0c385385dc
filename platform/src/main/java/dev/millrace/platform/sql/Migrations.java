package dev.millrace.platform.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a database has all scripts of a folder already, by the table in which Flyway notes
 * them. Flyway itself takes a quarter of a start to find that out; whatever is not as expected is
 * for it to judge.
 */
final class Migrations {

  private Migrations() {}

  /**
   * Whether Flyway would find nothing to do, and nothing wrong.
   *
   * @param folder of the scripts on the class path
   * @param table of Flyway
   */
  static boolean areDone(DataSource database, String folder, String table) {
    try {
      Map<String, Integer> scripts = scripts(folder);
      return !scripts.isEmpty() && scripts.equals(applied(database, table));
    } catch (IOException | SQLException e) {
      // The table is not there yet, or something is broken, which Flyway says better.
      return false;
    }
  }

  /** The scripts that have been applied with their checksums; null if one of them failed. */
  private static @Nullable Map<String, Integer> applied(DataSource database, String table)
      throws SQLException {
    Map<String, Integer> applied = new HashMap<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT "script", "checksum", "success" FROM "%s" WHERE "type" = 'SQL'
                """
                    .formatted(table))) {
      while (rows.next()) {
        if (!rows.getBoolean(3) || applied.put(rows.getString(1), rows.getInt(2)) != null) {
          return null;
        }
      }
    }
    return applied;
  }

  private static Map<String, Integer> scripts(String folder) throws IOException {
    Map<String, Integer> scripts = new HashMap<>();
    for (String name : names(folder)) {
      scripts.put(name, checksum(folder + "/" + name));
    }
    return scripts;
  }

  private static List<String> names(String folder) throws IOException {
    URL url = Migrations.class.getClassLoader().getResource(folder);
    if (url == null) {
      return List.of();
    }
    if (url.openConnection() instanceof JarURLConnection jar) {
      jar.setUseCaches(false);
      try (JarFile file = jar.getJarFile()) {
        return file.stream()
            .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(folder + "/"))
            .map(entry -> entry.getName().substring(folder.length() + 1))
            .toList();
      }
    }
    try (Stream<Path> files = Files.list(Path.of(URI.create(url.toString())))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** As Flyway computes it: of the lines, without what ends them. */
  private static int checksum(String script) throws IOException {
    CRC32 sum = new CRC32();
    InputStream stream = Migrations.class.getClassLoader().getResourceAsStream(script);
    if (stream == null) {
      throw new IOException("No resource: " + script);
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        sum.update(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    return (int) sum.getValue();
  }
}
