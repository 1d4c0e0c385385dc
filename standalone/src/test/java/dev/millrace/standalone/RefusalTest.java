package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.Postgres;
import dev.millrace.testing.S3Server;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that keeps Millrace from starting gives one line that says what to change. */
final class RefusalTest {

  @Test
  void unknownOption(@TempDir Path folder) throws Exception {
    MillraceProcess.Refusal refusal =
        MillraceProcess.startAndFail(folder, Map.of(), "--backend-store-uri", "sqlite:///x.db");

    assertThat(refusal.exitCode()).isEqualTo(2);
    assertThat(refusal.output()).isEmpty();
    assertThat(refusal.errors())
        .isEqualTo("millrace: unknown option '--backend-store-uri'; see --help\n");
  }

  @Test
  void takenPort(@TempDir Path folder) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(other.getLocalPort());

      MillraceProcess.Refusal refusal =
          MillraceProcess.startAndFail(
              folder, Map.of(), "--data", folder.resolve("d").toString(), "--port", port);

      assertThat(refusal.exitCode()).isEqualTo(1);
      assertThat(refusal.output()).isEmpty();
      assertThat(refusal.errors())
          .startsWith("millrace: cannot listen on 127.0.0.1:" + port)
          .endsWith("choose another with --host and --port\n")
          .hasLineCount(1);
    }
  }

  @Test
  void folderThatCannotBeWritten(@TempDir Path folder) throws Exception {
    // A file where a folder is needed: even root cannot write below it.
    Path data = Files.createFile(folder.resolve("file")).resolve("data");

    assertRefused(
        folder,
        Map.of(),
        "cannot write to the data folder " + data + "; choose another with --data",
        "--data",
        data.toString());
  }

  @Test
  void secondStartOnTheSameData(@TempDir Path folder) throws Exception {
    try (MillraceProcess first = MillraceProcess.start(folder)) {
      assertThat(first.address()).startsWith("http://127.0.0.1:");
      String data = MillraceProcess.data(folder).toString();

      assertRefused(
          folder,
          Map.of(),
          "another Millrace already runs on the data folder " + data,
          "--data",
          data,
          "--port",
          "0");
      // Another folder does not help if it is the database that is shared.
      assertRefused(
          folder,
          Map.of("MILLRACE_DATABASE_URL", "h2:" + data + "/millrace"),
          "another process already uses the database h2:" + data + "/millrace",
          "--data",
          folder.resolve("other").toString(),
          "--port",
          "0");
    }
  }

  @Test
  void databaseUrls(@TempDir Path folder) throws Exception {
    assertDatabaseRefused(
        folder,
        "mysql://user:hidden@localhost/db",
        "The database URL has to look like postgresql://user:password@host:port/database");
    assertDatabaseRefused(
        folder,
        "postgresql://user:hidden@127.0.0.1:1/db",
        "the database postgresql://127.0.0.1:1/db is not reachable");
    String missing = Postgres.newDatabase() + "_not";
    assertDatabaseRefused(
        folder,
        missing,
        "the database %s does not exist".formatted(missing.replace("postgres:postgres@", "")));
  }

  @Test
  void objectStores(@TempDir Path folder) throws Exception {
    try (S3Server s3 = S3Server.inMemory()) {
      String bucket = s3.newBucket();
      assertObjectStoreRefused(
          folder, s3, s3.secretKey(), "s3://no-such-bucket/p", "no-such-bucket");
      assertObjectStoreRefused(folder, s3, "wrong", "s3://" + bucket + "/p", bucket);
    }
  }

  private static void assertObjectStoreRefused(
      Path folder, S3Server s3, String secretKey, String artifacts, String bucket)
      throws Exception {
    MillraceProcess.Refusal refusal =
        MillraceProcess.startAndFail(
            folder,
            Map.of(
                "MLFLOW_S3_ENDPOINT_URL", s3.endpoint(),
                "AWS_ACCESS_KEY_ID", s3.accessKey(),
                "AWS_SECRET_ACCESS_KEY", secretKey),
            "--data",
            folder.resolve("d").toString(),
            "--port",
            "0",
            "--artifacts",
            artifacts);

    assertThat(refusal.exitCode()).isEqualTo(1);
    assertThat(refusal.errors()).startsWith("millrace: ").contains(bucket).hasLineCount(1);
  }

  private static void assertDatabaseRefused(Path folder, String url, String line) throws Exception {
    assertRefused(
        folder,
        Map.of("MILLRACE_DATABASE_URL", url),
        line,
        "--data",
        folder.resolve("d").toString(),
        "--port",
        "0");
  }

  private static void assertRefused(
      Path folder, Map<String, String> environment, String line, String... options)
      throws Exception {
    MillraceProcess.Refusal refusal = MillraceProcess.startAndFail(folder, environment, options);

    assertThat(refusal.errors()).isEqualTo("millrace: " + line + "\n");
    assertThat(refusal.exitCode()).isEqualTo(1);
    assertThat(refusal.output()).isEmpty();
  }
}
