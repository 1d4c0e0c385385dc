package dev.millrace.platform.check;

import dev.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which hosts a client's artifact locations may name: with some schemes, a client would choose the
 * host that the server talks to (mlflow 3.17.2 {@code store/artifact/host_policy.py}).
 *
 * @param trusted a URI on whose host clients may keep artifacts
 * @param allowed schemes, in lower case, with which they may name any host
 */
public record ArtifactHosts(String trusted, Set<String> allowed) {

  // Each scheme with its family and the ports it means when it names none.
  private static final Map<String, Hosted> HOSTED =
      Map.of(
          "ftp", new Hosted("ftp", List.of("21")),
          "sftp", new Hosted("sftp", List.of("22")),
          "hdfs", new Hosted("hdfs", List.of("")),
          "viewfs", new Hosted("hdfs", List.of("")),
          "http", new Hosted("http", List.of("80")),
          "https", new Hosted("http", List.of("443")),
          "mlflow-artifacts", new Hosted("http", List.of("80", "443")),
          "r2", new Hosted("r2", List.of("443")),
          "b2", new Hosted("b2", List.of("443")),
          "abfss", new Hosted("abfss", List.of("443")));

  private record Hosted(String family, List<String> ports) {}

  /**
   * Refuses a location on a host that a client may not choose.
   *
   * @param parameter the parameter that holds {@code uri}, as the error names it
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  public void check(String uri, String parameter) {
    Uri parts = Uri.parse(uri);
    String scheme = parts.scheme();
    Hosted hosted = HOSTED.get(scheme);
    if (hosted == null
        || (scheme.equals("mlflow-artifacts") && parts.authority().isEmpty())
        || allowed.contains(scheme)
        || isTrusted(parts, hosted)) {
      return;
    }
    throw MillraceException.invalidParameter(
        ("'%s' cannot use the '%s' scheme: the '%s' scheme addresses a host other than the tracking"
                + " server's configured artifact storage, so the server would connect to the host"
                + " named in the URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES"
                + " environment variable on the server to allow it.")
            .formatted(parameter, scheme, scheme));
  }

  private boolean isTrusted(Uri uri, Hosted hosted) {
    Uri root = Uri.parse(trusted);
    Hosted rootHosted = HOSTED.get(root.scheme());
    return rootHosted != null
        && !root.authority().isEmpty()
        && hosted.family.equals(rootHosted.family)
        && uri.authority().equalsIgnoreCase(root.authority())
        && hosted.ports.stream().anyMatch(rootHosted.ports::contains);
  }
}
