package dev.millrace.standalone;

import dev.millrace.testing.H2;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five processes that speak gRPC over TCP, so that nothing comes to lean on sharing one. */
final class ServicesApartTest {

  @Test
  void theSameDoorLeadsToServicesInOtherProcesses(@TempDir Path folder) throws Exception {
    try (MillraceProcess tracking =
            MillraceProcess.startService(
                dev.millrace.tracking.Main.class,
                folder,
                "--millrace.tracking-store.database-url=" + H2.in(folder),
                "--millrace.tracking-store.listen=127.0.0.1:0");
        MillraceProcess artifacts =
            MillraceProcess.startService(
                dev.millrace.artifact.Main.class,
                folder,
                "--millrace.artifact-store.location=" + folder.resolve("artifacts"),
                "--millrace.artifact-store.tracking-store=127.0.0.1:" + tracking.address(),
                "--millrace.artifact-store.listen=127.0.0.1:0");
        MillraceProcess registry =
            MillraceProcess.startService(
                dev.millrace.registry.Main.class,
                folder,
                "--millrace.registry-service.database-url=" + H2.in(folder),
                "--millrace.registry-service.tracking-store=127.0.0.1:" + tracking.address(),
                "--millrace.registry-service.listen=127.0.0.1:0");
        MillraceProcess projects =
            MillraceProcess.startService(
                dev.millrace.projects.Main.class,
                folder,
                "--millrace.projects-runner.database-url=" + H2.in(folder),
                "--millrace.projects-runner.tracking-store=127.0.0.1:" + tracking.address(),
                "--millrace.projects-runner.listen=127.0.0.1:0");
        MillraceProcess gateway =
            MillraceProcess.startService(
                dev.millrace.gateway.Main.class,
                folder,
                "--millrace.gateway.tracking-store=127.0.0.1:" + tracking.address(),
                "--millrace.gateway.artifact-store=127.0.0.1:" + artifacts.address(),
                "--millrace.gateway.registry-service=127.0.0.1:" + registry.address(),
                "--millrace.gateway.projects-runner=127.0.0.1:" + projects.address(),
                "--millrace.gateway.port=0")) {
      String url = "http://127.0.0.1:" + gateway.address();
      Smoke.write(url).read(url);
    }
  }
}
