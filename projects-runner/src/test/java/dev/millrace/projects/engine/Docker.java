package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.millrace.projects.environment.FolderTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The daemon that {@code DOCKER_HOST} names, on this machine. Its image has nothing in it but links
 * to where this machine's programs are to be mounted: nothing has to be fetched.
 */
public final class Docker {

  /** The image. */
  public static final String IMAGE = "millrace-test/usr:1";

  /** What a container of it needs to run anything. */
  public static final Volume PROGRAMS = new Volume("/usr", "/usr", true);

  private static final List<String> LINKS = List.of("bin", "sbin", "lib", "lib64");

  private Docker() {}

  /** A client; skips the test if there is no daemon. */
  public static DockerClient client() throws Exception {
    Assumptions.assumeTrue(
        System.getenv("DOCKER_HOST") != null, "DOCKER_HOST names no Docker daemon for tests");
    DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder().build();
    DockerClient client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
    var _ = client.pingCmd().exec();
    importImage(client);
    return client;
  }

  private static void importImage(DockerClient client) throws Exception {
    try {
      var _ = client.inspectImageCmd(IMAGE).exec();
      return;
    } catch (NotFoundException e) {
      // It is made now.
    }
    Path folder = Files.createTempDirectory("image");
    for (String link : LINKS) {
      Files.createSymbolicLink(folder.resolve(link), Path.of("usr", link));
    }
    for (String each : List.of("usr", "etc", "proc", "dev", "sys", "tmp")) {
      Files.createDirectory(folder.resolve(each));
    }
    Path file = Files.createTempFile("image", ".tar.gz");
    CodeArchive.pack(folder, file);
    try {
      // By the command: what docker-java sends ends too early for Docker 20.10.
      Process process =
          new ProcessBuilder("docker", "import", file.toString(), IMAGE)
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
    } finally {
      Files.delete(file);
      FolderTree.delete(folder);
    }
  }
}
