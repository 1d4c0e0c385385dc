package dev.millrace.standalone;

import io.micronaut.context.env.Environment;
import java.net.URI;

/**
 * What standalone tells its user about the configuration in force.
 *
 * @param host address the gateway listens on
 * @param port port the gateway was told to listen on; 0 for a free one
 * @param database where the database is, without credentials
 * @param artifacts a folder or an S3 URL
 * @param ui the folder of MLflow's web UI; empty if there is none
 */
record Settings(String host, String port, String database, String artifacts, String ui) {

  static Settings of(Environment environment) {
    return new Settings(
        environment.getRequiredProperty(Option.HOST.property(), String.class),
        environment.getRequiredProperty(Option.PORT.property(), String.class),
        withoutCredentials(
            environment.getRequiredProperty(Option.DATABASE_URL.property(), String.class)),
        environment.getRequiredProperty(Option.ARTIFACTS.property(), String.class),
        environment.getRequiredProperty(Option.UI.property(), String.class));
  }

  /** Where clients on this machine reach a gateway that listens on {@code port}. */
  String url(int port) {
    String name =
        switch (host) {
          case "0.0.0.0", "::", "[::]" -> "localhost";
          default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    return "http://%s:%d".formatted(name, port);
  }

  private static String withoutCredentials(String url) {
    if (url.startsWith("h2:")) {
      return url;
    }
    try {
      URI uri = URI.create(url);
      return "%s://%s%s%s"
          .formatted(
              uri.getScheme(),
              uri.getHost(),
              uri.getPort() < 0 ? "" : ":" + uri.getPort(),
              uri.getPath());
    } catch (IllegalArgumentException e) {
      // Its message, and the URL, may hold a password.
      return "URL";
    }
  }
}
