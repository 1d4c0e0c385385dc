package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.Postgres;
import dev.millrace.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole platform in a process of its own. */
final class StandaloneTest {

  @Test
  void whatWasWrittenIsThereAfterARestart(@TempDir Path folder) throws Exception {
    Smoke smoke;
    try (MillraceProcess first = MillraceProcess.start(folder)) {
      smoke = Smoke.write(first.address());
      smoke.read(first.address());
      // 128 + SIGTERM.
      assertThat(first.stop()).isEqualTo(143);
    }
    assertThat(MillraceProcess.errors(folder)).isEmptyFile();
    try (MillraceProcess second = MillraceProcess.start(folder)) {
      smoke.read(second.address());
    }
  }

  @Test
  void withPostgresqlAndS3NothingIsKeptHere(@TempDir Path folder) throws Exception {
    try (S3Server s3 = S3Server.inMemory()) {
      Map<String, String> environment =
          Map.of(
              "MLFLOW_BACKEND_STORE_URI", Postgres.newDatabase(),
              "MLFLOW_S3_ENDPOINT_URL", s3.endpoint(),
              "AWS_ACCESS_KEY_ID", s3.accessKey(),
              "AWS_SECRET_ACCESS_KEY", s3.secretKey());
      String artifacts = "s3://" + s3.newBucket() + "/some/prefix";
      Smoke smoke;
      try (MillraceProcess first =
          MillraceProcess.start(folder, environment, "--artifacts", artifacts)) {
        smoke = Smoke.write(first.address());
        first.stop();
      }
      assertThat(MillraceProcess.errors(folder)).isEmptyFile();
      assertThat(Files.exists(MillraceProcess.data(folder))).isFalse();
      try (MillraceProcess second =
          MillraceProcess.start(folder, environment, "--artifacts", artifacts)) {
        smoke.read(second.address());
      }
    }
  }
}
