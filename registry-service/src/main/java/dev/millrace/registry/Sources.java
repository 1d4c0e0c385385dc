package dev.millrace.registry;

import dev.millrace.platform.check.Uri;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Which sources a model version may have: nothing that leads to where its run or logged model has
 * no artifacts (mlflow 3.17.2 {@code handlers.py}, _validate_source_run and
 * _validate_source_model). Paths are compared as they are written; no file is looked at.
 */
final class Sources {

  private static final List<String> ARTIFACT_ROUTE =
      List.of("api", "2.0", "mlflow-artifacts", "artifacts");

  private Sources() {}

  /**
   * What a source must belong to.
   *
   * @param parameter the parameter that names it
   * @param id empty if the request names none
   * @param root asks for the URI of its artifacts
   */
  private record Owner(String parameter, String id, Supplier<String> root) {
    boolean isRun() {
      return parameter.equals("run_id");
    }
  }

  private record Place(String scheme, String authority, List<String> path) {}

  /**
   * Checks the source of a version that belongs to a run, or to nothing.
   *
   * @param runId empty for none
   * @param root asks for the URI of the run's artifacts
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkRun(String source, String runId, Supplier<String> root) {
    check(source, new Owner("run_id", runId, root));
  }

  /**
   * Checks the source of a version that belongs to a logged model.
   *
   * @param root asks for the URI of the model's artifacts
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkModel(String source, String modelId, Supplier<String> root) {
    check(source, new Owner("model_id", modelId, root));
  }

  /** The error that a source is not where the named parameter says. */
  static MillraceException elsewhere(String source, String parameter) {
    return MillraceException.invalidParameter(
        ("Invalid model version source: '%s'. The %s request parameter must identify the resource"
                + " that contains the source.")
            .formatted(source, parameter));
  }

  private static void check(String source, Owner owner) {
    String authority = Uri.parse(source).authority();
    if (authority.indexOf('[') >= 0 != authority.indexOf(']') >= 0) {
      throw MillraceException.invalidParameter(
          "Invalid model version source: '%s'. It is no URI.".formatted(source));
    }
    if (isLocal(source)) {
      checkLocal(source, owner);
      return;
    }
    checkPlain(source);
    Uri uri = Uri.parse(source);
    switch (uri.scheme()) {
      case "runs" -> {
        if (!owner.isRun() || !isOfRun(uri, owner.id)) {
          throw elsewhere(source, owner.parameter);
        }
      }
      case "models" -> checkModelUri(source, uri, owner);
      default -> {
        if (isProxied(source) && !isWithinRoot(source, owner)) {
          throw elsewhere(source, owner.parameter);
        }
      }
    }
  }

  private static boolean isOfRun(Uri uri, String runId) {
    String path = uri.path();
    int end = path.indexOf('/', 1);
    String named = path.substring(1, end < 0 ? path.length() : end);
    return uri.authority().isEmpty() && !runId.isEmpty() && named.equals(runId);
  }

  private static void checkModelUri(String source, Uri uri, Owner owner) {
    ModelUri model = uri.authority().isEmpty() ? ModelUri.parse(source) : null;
    boolean isAllowed =
        model != null
            && (model.modelId() == null
                || (!owner.isRun() && !owner.id.isEmpty() && model.modelId().equals(owner.id)));
    if (!isAllowed) {
      throw elsewhere(source, "model_id");
    }
  }

  private static void checkLocal(String source, Owner owner) {
    String shown = source;
    if (!owner.id.isEmpty()) {
      String root = rootOf(owner, source);
      shown = localPath(source);
      if (isLocal(root) && isWithin(shown, localPath(root))) {
        return;
      }
    }
    throw MillraceException.invalidParameter(
        ("Invalid model version source: '%s'. To use a local path as a model version source, the"
                + " %s request parameter has to be specified and the local path has to be contained"
                + " within the artifact directory of the run specified by the %s.")
            .formatted(shown, owner.parameter, owner.parameter));
  }

  /** Refuses a path that could lead elsewhere than it seems to, however it is escaped. */
  private static void checkPlain(String source) {
    String decoded = Uri.decodeFully(source, true);
    if (decoded != null) {
      String path = Uri.parse(decoded).path().replaceAll("/+", "/");
      path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      boolean isPlain =
          path.startsWith("/")
              && path.indexOf(0) < 0
              && !List.of(path.split("/", -1)).contains(".")
              && !List.of(decoded.split("/", -1)).contains("..");
      if (isPlain) {
        return;
      }
    }
    throw MillraceException.invalidParameter(
        ("Invalid model version source: '%s'. If supplying a source as an http, https, local file"
                + " path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be"
                + " provided without relative path references present. Please provide an absolute"
                + " path.")
            .formatted(source));
  }

  /** Whether the server keeps what is there, so that it must be known whose it is. */
  private static boolean isProxied(String source) {
    Place place = place(source);
    return switch (place.scheme) {
      case "mlflow-artifacts" -> true;
      case "http", "https" -> Collections.indexOfSubList(place.path, ARTIFACT_ROUTE) >= 0;
      default -> false;
    };
  }

  private static boolean isWithinRoot(String source, Owner owner) {
    if (owner.id.isEmpty()) {
      return false;
    }
    Place place = place(source);
    Place root = place(rootOf(owner, source));
    int depth = root.path.size();
    return place.scheme.equals(root.scheme)
        && place.authority.equals(root.authority)
        && depth > 0
        && place.path.size() >= depth
        && place.path.subList(0, depth).equals(root.path);
  }

  private static Place place(String text) {
    Uri uri = Uri.parse(text);
    List<String> path = new ArrayList<>();
    for (String part : uri.path().split("/", -1)) {
      if (!part.isEmpty()) {
        String decoded = Uri.decodeFully(part, false);
        path.add(decoded == null ? part : decoded);
      }
    }
    return new Place(uri.scheme(), uri.authority().toLowerCase(Locale.ROOT), path);
  }

  private static String rootOf(Owner owner, String source) {
    try {
      return owner.root.get();
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.RESOURCE_DOES_NOT_EXIST) {
        throw elsewhere(source, owner.parameter);
      }
      throw e;
    }
  }

  /**
   * Whether a URI is a path on the server's disk.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is a file of another host
   */
  private static boolean isLocal(String uri) {
    if (uri.equals("databricks")) {
      return false;
    }
    Uri parts = Uri.parse(uri);
    if (!parts.scheme().equals("file")) {
      return parts.scheme().isEmpty();
    }
    String host = parts.host();
    boolean isHere =
        host.isEmpty()
            || host.equals(".")
            || host.startsWith("localhost")
            || host.startsWith("127.0.0.1");
    if (!isHere) {
      throw MillraceException.invalidParameter(
          ("%s is not a valid remote uri. For remote access on windows, please consider using a"
                  + " different scheme such as SMB (e.g. smb://<hostname>/<path>).")
              .formatted(uri));
    }
    return true;
  }

  private static String localPath(String uri) {
    String path = Uri.decode(uri.startsWith("file:") ? Uri.parse(uri).path() : uri);
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return (path.startsWith("/") ? "/" : "") + String.join("/", parts);
  }

  private static boolean isWithin(String path, String folder) {
    return path.equals(folder) || path.startsWith(folder.endsWith("/") ? folder : folder + "/");
  }
}
