package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.retry.Retries;
import dev.millrace.projects.spec.PathParameter;
import dev.millrace.proto.ArtifactTarget;
import io.grpc.Channel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The files and folders that parameters of the type {@code path} name by a URI, and which commands
 * find on their machine: of this server's artifacts and models, and by HTTP. They are where mlflow
 * 3.17.2 puts them, with what it adds to a model.
 */
public final class ParameterFiles {

  private final StoredFiles stored;
  private final HostRules web;
  private final SourceLimits limits;

  /**
   * @param schemes by which files may be fetched from hosts, comma-separated: {@code https}, {@code
   *     http}; empty for none
   * @param hosts from which they may, comma-separated; {@code *} for any
   * @param allowPrivate whether hosts need not be on the public internet
   * @param limits of all files of a job together
   * @throws IllegalArgumentException if a scheme does not work
   */
  public ParameterFiles(
      Channel artifactStore,
      Channel registryService,
      String schemes,
      String hosts,
      boolean allowPrivate,
      SourceLimits limits) {
    this.stored = new StoredFiles(artifactStore, registryService);
    this.web =
        new HostRules(Set.copyOf(HostRules.list(schemes)), HostRules.list(hosts), allowPrivate);
    this.limits = limits;
    if (!Set.of("https", "http").containsAll(web.schemes())) {
      throw new IllegalArgumentException(
          "Files are downloaded by https and http, not all of " + web.schemes());
    }
  }

  /**
   * Looks at a parameter without downloading anything.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE naming it, if this server never downloads
   *     what it names
   */
  public void check(PathParameter parameter) {
    ParameterUri _ = ParameterUri.parse(parameter, web);
  }

  /** Downloads the files of a job, one parameter after the other. */
  public final class Download {

    private final Path folder;
    private final Retries retries;
    private final Allowance allowance = new Allowance("What the parameters name", limits);

    private Download(Path folder, Retries retries) {
      this.folder = folder;
      this.retries = retries;
    }

    /**
     * Downloads what a parameter names.
     *
     * @return where it is
     * @throws MillraceException naming the parameter, if it is not there, not allowed or too large
     * @throws IOException if it cannot be stored
     */
    public Path fetch(PathParameter parameter) throws IOException, InterruptedException {
      Path own = Files.createDirectories(folder.resolve(parameter.folder()));
      Tree tree = new Tree("The file", own, allowance);
      try {
        return fetch(ParameterUri.parse(parameter, web), own, tree);
      } catch (MillraceException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        throw new MillraceException(
            e.code(),
            "Parameter '%s': '%s' cannot be downloaded: %s"
                .formatted(parameter.name(), parameter.uri(), e.text()),
            e);
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        throw e;
      }
    }

    private Path fetch(ParameterUri uri, Path own, Tree tree)
        throws IOException, InterruptedException {
      switch (uri) {
        case ParameterUri.OnWeb(var url, var name) ->
            new WebFile(web).fetch(url, name, tree, retries);
        case ParameterUri.OfRun(var runId, var path, var name) ->
            stored.fetch(ArtifactTarget.newBuilder().setRunId(runId), path, name, tree, retries);
        case ParameterUri.OfStore(var path, var name) ->
            stored.fetch(
                ArtifactTarget.newBuilder().setRoot(ArtifactTarget.Root.getDefaultInstance()),
                path,
                name,
                tree,
                retries);
        case ParameterUri.OfLoggedModel(var modelId, var path) -> {
          stored.fetch(ArtifactTarget.newBuilder().setModelId(modelId), path, path, tree, retries);
          describe(own, path, null, null, tree);
        }
        case ParameterUri.OfVersion version -> {
          String number = stored.version(version, retries);
          String path = version.path();
          stored.fetch(stored.target(version.name(), number, retries), path, path, tree, retries);
          describe(own, path, version.name(), number, tree);
        }
      }
      return own.resolve(uri.destination()).normalize();
    }
  }

  /**
   * Begins to download the files of a job.
   *
   * @param folder where to
   * @param retries where a store or host is away
   */
  public Download into(Path folder, Retries retries) {
    return new Download(folder, retries);
  }

  /** Leaves in a model's folder what of the registry it is, as MLflow's client does. */
  private static void describe(
      Path own, String path, @Nullable String name, @Nullable String version, Tree tree)
      throws IOException {
    if (!Files.exists(own.resolve(path).resolve("MLmodel"))) {
      return;
    }
    Map<String, @Nullable String> content = new LinkedHashMap<>();
    content.put("model_name", name);
    content.put("model_version", version);
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    byte[] yaml = new Yaml(options).dump(content).getBytes(StandardCharsets.UTF_8);
    tree.addFile(
        (path.isEmpty() ? "" : path + "/") + "registered_model_meta",
        new ByteArrayInputStream(yaml),
        false);
  }
}
