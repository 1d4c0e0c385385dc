package dev.millrace.projects.source;

import dev.millrace.platform.check.Uri;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.spec.PathParameter;
import java.util.List;
import java.util.Set;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of a {@code path} parameter is, and under which name its download is to be found:
 * read as mlflow 3.17.2 {@code tracking/artifact_utils.py} and {@code
 * store/artifact/models_artifact_repo.py} read it.
 */
sealed interface ParameterUri {

  /** Within the folder of the parameter; empty for that folder itself. */
  String destination();

  /**
   * Artifacts of a run.
   *
   * @param path within them
   */
  record OfRun(String runId, String path, String destination) implements ParameterUri {}

  /**
   * What the artifact store has.
   *
   * @param path within the store
   */
  record OfStore(String path, String destination) implements ParameterUri {}

  /**
   * A logged model.
   *
   * @param path within it
   */
  record OfLoggedModel(String modelId, String path) implements ParameterUri {
    @Override
    public String destination() {
      return path;
    }
  }

  /**
   * A version of a registered model: by its number, by an alias, or else the latest.
   *
   * @param stage of which it is the latest; null for any
   * @param path within it
   */
  record OfVersion(
      String name,
      @Nullable String version,
      @Nullable String alias,
      @Nullable String stage,
      String path)
      implements ParameterUri {
    @Override
    public String destination() {
      return path;
    }
  }

  /** A file by HTTP. */
  record OnWeb(HttpUrl url, String destination) implements ParameterUri {}

  /**
   * Reads the URI of a parameter.
   *
   * @param web from where files may be fetched by HTTP
   * @throws MillraceException INVALID_PARAMETER_VALUE if this server does not download it
   */
  static ParameterUri parse(PathParameter parameter, HostRules web) {
    Uri uri = Uri.parse(parameter.uri());
    if (Set.of("http", "https").contains(uri.scheme()) && web.allowsScheme(uri.scheme())) {
      return web(parameter, uri, web);
    }
    if (!Set.of("runs", "models", "mlflow-artifacts").contains(uri.scheme())) {
      throw refused(
          parameter,
          "cannot be downloaded: this server reads runs:/, models:/ and mlflow-artifacts:/%s. The"
                  .formatted(web.schemes().isEmpty() ? "" : ", and files by " + web.schemeNames())
              + " type uri leaves that to the code");
    }
    if (!uri.authority().isEmpty()) {
      throw refused(parameter, "names another server: only this one's artifacts are downloaded");
    }
    String path = uri.path();
    if (!path.startsWith("/")) {
      throw refused(parameter, "must begin with %s:/".formatted(uri.scheme()));
    }
    return switch (uri.scheme()) {
      case "runs" -> run(parameter, path);
      case "models" -> model(parameter, path);
      default -> new OfStore(path.substring(1), lastPart(path));
    };
  }

  private static ParameterUri run(PathParameter parameter, String path) {
    int slash = path.indexOf('/', 1);
    if (slash <= 1) {
      throw refused(parameter, "must be of the form runs:/<run_id>/path");
    }
    return new OfRun(path.substring(1, slash), path.substring(slash + 1), lastPart(path));
  }

  private static ParameterUri model(PathParameter parameter, String path) {
    String[] parts = path.replaceFirst("/+$", "").split("/", 4);
    String name = parts.length > 1 ? parts[1] : "";
    int at = name.lastIndexOf('@');
    if (name.isBlank() || (at >= 0 && name.substring(at + 1).isBlank())) {
      throw noModel(parameter);
    }
    if (at >= 0) {
      String rest = String.join("/", List.of(parts).subList(2, parts.length));
      return new OfVersion(name.substring(0, at), null, name.substring(at + 1), null, rest);
    }
    if (parts.length == 2) {
      return new OfLoggedModel(name, "");
    }
    String suffix = parts[2];
    String rest = parts.length > 3 ? parts[3] : "";
    if (suffix.isBlank()) {
      throw noModel(parameter);
    }
    if (suffix.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return new OfVersion(name, suffix, null, null, rest);
    }
    return new OfVersion(name, null, null, suffix.equalsIgnoreCase("latest") ? null : suffix, rest);
  }

  private static MillraceException noModel(PathParameter parameter) {
    return refused(
        parameter, "must be of the form models:/name/version, models:/name@alias or models:/id");
  }

  private static ParameterUri web(PathParameter parameter, Uri uri, HostRules web) {
    HttpUrl url = HttpUrl.parse(parameter.uri());
    if (url == null) {
      throw refused(parameter, "is no URL");
    }
    if (uri.authority().indexOf('@') >= 0) {
      throw refused(parameter, "must not hold a user: it would be logged");
    }
    if (!web.allowsHost(url.host())) {
      throw refused(parameter, "cannot be downloaded: not from this host");
    }
    String name = lastPart(uri.path());
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw refused(parameter, "names no file");
    }
    return new OnWeb(url, name);
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static MillraceException refused(PathParameter parameter, String why) {
    return MillraceException.invalidParameter(
        "Parameter '%s' is of the type path, and '%s' %s."
            .formatted(parameter.name(), parameter.uri(), why));
  }
}
