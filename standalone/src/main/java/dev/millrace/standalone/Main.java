package dev.millrace.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line of the standalone platform. */
public final class Main {

  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /**
   * Starts the platform, which then runs until the process is told to stop; or prints one line to
   * standard error that says why it does not start, and exits with 2 for a wrong command line, 1
   * for anything else. Options are described in {@code help.txt}.
   */
  public static void main(String[] arguments) throws InterruptedException {
    List<String> given = List.of(arguments);
    if (given.contains("--help") || given.contains("-h")) {
      System.out.print(help());
      return;
    }
    if (given.contains("--version")) {
      System.out.println("millrace " + version());
      return;
    }
    try {
      Standalone standalone = Standalone.start(Options.parse(given, System.getenv()));
      Runtime.getRuntime().addShutdownHook(new Thread(standalone::close, "stop"));
      System.out.print(greeting(standalone));
      System.out.flush();
      // Until the process is told to stop: no service has to keep it alive.
      new CountDownLatch(1).await();
    } catch (StartException e) {
      log.debug("Not started", e);
      System.err.println("millrace: " + e.getMessage());
      System.exit(e.exitCode());
    }
  }

  private static String greeting(Standalone standalone) {
    Settings settings = standalone.settings();
    return """
    Millrace %s is ready: %s
      database   %s
      artifacts  %s
      web UI     %s

      import mlflow
      mlflow.set_tracking_uri("%s")
      mlflow.log_metric("score", 0.9)

    Ctrl-C stops it.
    """
        .formatted(
            version(),
            standalone.url(),
            settings.database(),
            settings.artifacts(),
            settings.ui().isEmpty()
                ? "a small page; './millrace ui install' gets MLflow's"
                : settings.ui(),
            standalone.url());
  }

  private static String help() {
    try (InputStream text = Main.class.getResourceAsStream("help.txt")) {
      return new String(
          Objects.requireNonNull(text, "help.txt").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
