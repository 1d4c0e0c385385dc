package dev.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.transcode.Binding;
import dev.millrace.proto.Contracts;
import dev.millrace.proto.Permission;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code routes.txt} shows every route of the contracts: method, path, rpc, permission. */
class RoutesTest {

  @Test
  void routesAreThoseOfTheFile() throws IOException {
    String routes = String.join("\n", routes()) + "\n";
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(Path.of("src/test/resources/routes.txt"), routes);
      return;
    }
    assertThat(routes)
        .as("If the contracts changed on purpose, routes.txt has to follow")
        .isEqualTo(file());
  }

  @Test
  void everyRouteDeclaresAPermission() {
    assertThat(bindings())
        .allSatisfy(
            b -> assertThat(b.permission()).isNotEqualTo(Permission.PERMISSION_UNSPECIFIED));
  }

  private static List<String> routes() {
    return bindings()
        .map(
            b ->
                "%-6s %s %s %s"
                    .formatted(
                        b.method(),
                        b.template(),
                        b.rpc().getFullMethodName().replace("millrace.v1.", ""),
                        b.permission()))
        .sorted()
        .toList();
  }

  private static Stream<Binding> bindings() {
    return Stream.of(
            Contracts.TRACKING_STORE,
            Contracts.ARTIFACT_STORE,
            Contracts.REGISTRY_SERVICE,
            Contracts.PROJECTS_RUNNER)
        .flatMap(services -> Binding.of(services).stream());
  }

  private static String file() throws IOException {
    try (InputStream file = RoutesTest.class.getResourceAsStream("/routes.txt")) {
      return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
