package dev.millrace.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.sql.DatabaseUrl;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FixturesTest {

  @Test
  void databasesAreNewAndEmpty(@TempDir Path folder) throws SQLException {
    for (String url : new String[] {H2.inMemory(), H2.in(folder), Postgres.newDatabase()}) {
      try (Connection connection = connect(url);
          var statement = connection.createStatement()) {
        statement.execute("CREATE TABLE mine (id BIGINT PRIMARY KEY)");
        assertThat(statement.executeUpdate("INSERT INTO mine VALUES (1)")).isEqualTo(1);
      }
    }
    try (Connection connection = connect(Postgres.newDatabase());
        var statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT * FROM mine"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void objectStoreKeepsObjectsAndChecksSignatures(@TempDir Path folder) throws Exception {
    for (S3Server server : new S3Server[] {S3Server.inMemory(), S3Server.on(folder)}) {
      try (server) {
        String bucket = server.newBucket();
        PutObjectArgs put =
            PutObjectArgs.builder().bucket(bucket).object("a/b").stream(
                    new ByteArrayInputStream(new byte[] {1, 2, 3}), 3L, -1L)
                .build();
        MinioClient client = client(server, server.secretKey());
        client.putObject(put);
        try (var object =
            client.getObject(GetObjectArgs.builder().bucket(bucket).object("a/b").build())) {
          assertThat(object.readAllBytes()).containsExactly(1, 2, 3);
        }
        MinioClient stranger = client(server, "wrong");
        assertThatThrownBy(
                () ->
                    stranger.getObject(
                        GetObjectArgs.builder().bucket(bucket).object("a/b").build()))
            .hasMessageContaining("signature");
      }
    }
  }

  private static Connection connect(String text) throws SQLException {
    DatabaseUrl url = DatabaseUrl.parse(text);
    return DriverManager.getConnection(url.jdbcUrl(), url.user(), url.password());
  }

  private static MinioClient client(S3Server server, String secretKey) {
    return MinioClient.builder()
        .endpoint(server.endpoint())
        .credentials(server.accessKey(), secretKey)
        .build();
  }
}
