package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.grpc.Target;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store as a process starts it. */
class ArtifactStoreTest {

  private static ApplicationContext context(Map<String, Object> settings) {
    return ApplicationContext.builder(settings).environments("artifact-store").start();
  }

  @Test
  void hasDefaults() {
    try (ApplicationContext context = context(Map.of())) {
      ArtifactStoreConfiguration configuration = context.getBean(ArtifactStoreConfiguration.class);
      assertThat(configuration.location()).isEqualTo("./data/artifacts");
      assertThat(configuration.listen()).isEqualTo("in-process:artifact-store");
      assertThat(configuration.trackingStore()).isEqualTo("in-process:tracking-store");
      assertThat(configuration.endpoint()).isEqualTo("https://s3.amazonaws.com");
      assertThat(configuration.region()).isEmpty();
      assertThat(configuration.hasCredentials()).isFalse();
    }
  }

  @Test
  void servesOnATcpPortAndTellsItsHealth(@TempDir Path directory) throws IOException {
    Path location = directory.resolve("artifacts");
    try (ApplicationContext context =
        context(
            Map.of(
                "millrace.artifact-store.location",
                location.toString(),
                "millrace.artifact-store.listen",
                "127.0.0.1:0"))) {
      ArtifactStore store = context.getBean(ArtifactStore.class);
      assertThat(location).isDirectory();
      ManagedChannel channel = new Target.Tcp("127.0.0.1", store.port()).connect();
      try {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
        HealthCheckRequest request = HealthCheckRequest.getDefaultInstance();
        assertThat(health.check(request).getStatus()).isEqualTo(ServingStatus.SERVING);
        Files.move(location, directory.resolve("gone"));
        assertThat(health.check(request).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void doesNotStartWithoutAStore(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    for (String location : new String[] {file.toString(), "s3://"}) {
      try (ApplicationContext context =
          context(Map.of("millrace.artifact-store.location", location))) {
        assertThatThrownBy(() -> context.getBean(ArtifactStore.class))
            .rootCause()
            .isInstanceOfAny(IOException.class, IllegalArgumentException.class);
      }
    }
  }
}
