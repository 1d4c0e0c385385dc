package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import io.minio.Http;
import io.minio.messages.Part;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What may be done with artifacts. Rules and messages are those of mlflow 3.17.2 {@code
 * server/handlers.py} and {@code server/artifact_router.py}.
 */
final class Artifacts {

  /** S3's limit. */
  private static final int MAX_PARTS = 10_000;

  /** How long the URL of a part is valid, in seconds; boto3's default, which MLflow uses. */
  private static final int PART_URL_SECONDS = 3600;

  /** The longest a presigned URL may be valid, in seconds: a week, by S3's rules. */
  private static final long MAX_URL_SECONDS = 604_800;

  private final Storage storage;

  Artifacts(Storage storage) {
    this.storage = storage;
  }

  /** The part of a multi-part upload: its URL, to which the client sends the bytes. */
  record PartUrl(int number, String url) {}

  /** An upload in parts that a client makes by itself. */
  record Multipart(String uploadId, List<PartUrl> parts) {}

  /** A URL with which a client reaches an object by itself. */
  record Presigned(String url, Map<String, String> headers, long size) {}

  /** Looks whether the store answers. */
  void check() {
    storage.check();
  }

  /** Whether clients may be sent to the store itself, with presigned URLs. */
  boolean isDirect() {
    return switch (storage) {
      case S3Storage s3 -> true;
      case DiskStorage disk -> false;
    };
  }

  /**
   * The place in the store where a run or a model keeps its artifacts.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is not in this store: this server reads
   *     no files of its machine and connects to no host that a client names
   */
  ArtifactPath locate(String artifactUri) {
    Uri uri = Uri.parse(artifactUri);
    if (uri.scheme().equals("mlflow-artifacts") && uri.authority().isEmpty()) {
      return ArtifactPath.parse(Uri.withoutSlashes(uri.path()));
    }
    return storage
        .locate(uri)
        .orElseThrow(
            () ->
                MillraceException.invalidParameter(
                    "The artifact location '%s' is outside of this server's artifact store"
                        .formatted(artifactUri)));
  }

  StoredFile stat(ArtifactPath path) {
    return storage.stat(path);
  }

  Content open(ArtifactPath path, Slice slice) {
    return storage.open(path, slice);
  }

  List<Entry> list(ArtifactPath directory) {
    return storage.list(directory);
  }

  /**
   * Starts an upload.
   *
   * @throws MillraceException BAD_REQUEST if the path names no file; INVALID_PARAMETER_VALUE where
   *     the path is not the one the file would be found at, or a file cannot be there
   */
  Upload upload(ArtifactPath path) {
    if (path.tail().isEmpty()) {
      throw new MillraceException(
          ErrorCode.BAD_REQUEST, "Artifact path must include a filename (cannot end with '/').");
    }
    requireNormal(path.head());
    if (path.tail().equals(".")) {
      throw Storage.isDirectory(path);
    }
    if (path.tail().startsWith(DiskStorage.MLFLOW_STAGING_PREFIX)) {
      throw MillraceException.invalidParameter(
          "Invalid artifact file name: '%s'. Artifact names starting with '%s' are reserved."
              .formatted(path.tail(), DiskStorage.MLFLOW_STAGING_PREFIX));
    }
    return storage.upload(path);
  }

  /**
   * Deletes a file or a tree.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE for the root: nobody means to delete
   *     everybody's artifacts by a path that names nothing
   */
  void delete(ArtifactPath path) {
    if (path.isRoot()) {
      throw ArtifactPath.invalid();
    }
    storage.delete(path);
  }

  /**
   * Begins an upload in parts.
   *
   * @param file the client's file, of which the last segment counts
   */
  Multipart createMultipart(ArtifactPath directory, String file, long parts) {
    S3Storage s3 = direct("Multipart upload");
    if (parts > MAX_PARTS) {
      throw MillraceException.invalidParameter(
          "num_parts must be at most %d (got %d).".formatted(MAX_PARTS, parts));
    }
    String key = partsKey(s3, directory, file);
    String uploadId = s3.begin(key);
    List<PartUrl> urls = new ArrayList<>();
    for (int number = 1; number <= parts; number++) {
      Map<String, String> query =
          Map.of("partNumber", Integer.toString(number), "uploadId", uploadId);
      urls.add(new PartUrl(number, s3.presign(Http.Method.PUT, key, PART_URL_SECONDS, query)));
    }
    return new Multipart(uploadId, urls);
  }

  void completeMultipart(ArtifactPath directory, String file, String uploadId, List<Part> parts) {
    S3Storage s3 = direct("Multipart upload");
    s3.complete(partsKey(s3, directory, file), requireUpload(uploadId), parts);
  }

  void abortMultipart(ArtifactPath directory, String file, String uploadId) {
    S3Storage s3 = direct("Multipart upload");
    s3.abort(partsKey(s3, directory, file), requireUpload(uploadId));
  }

  /**
   * A URL to read a file from the store itself; a browser saves it under its name.
   *
   * @param what is offered, for the message of a store that cannot
   */
  Presigned presignDownload(ArtifactPath path, long seconds, String what) {
    S3Storage s3 = direct(what);
    StoredFile file = s3.stat(path);
    String url =
        s3.presign(
            Http.Method.GET,
            s3.key(path),
            Math.toIntExact(requireSeconds(seconds)),
            Map.of("response-content-disposition", attachment(path.name())));
    return new Presigned(url, Map.of(), file.size());
  }

  /** A URL to write a file to the store itself, and the header to send with it. */
  Presigned presignUpload(ArtifactPath path, long seconds) {
    S3Storage s3 = direct("Presigned upload");
    String type = ContentTypes.guess(path.name()).orElse(ContentTypes.BINARY);
    String url =
        s3.presign(
            Http.Method.PUT, s3.key(path), Math.toIntExact(requireSeconds(seconds)), Map.of());
    return new Presigned(url, Map.of("Content-Type", type), 0);
  }

  /** How long a presigned URL shall be valid, checked. */
  static long requireSeconds(long seconds) {
    if (seconds < 1 || seconds > MAX_URL_SECONDS) {
      throw MillraceException.invalidParameter(
          "expiration must be between 1 and %d seconds (got %d)."
              .formatted(MAX_URL_SECONDS, seconds));
    }
    return seconds;
  }

  private S3Storage direct(String what) {
    return switch (storage) {
      case S3Storage s3 -> s3;
      case DiskStorage disk ->
          throw new MillraceException(
              ErrorCode.NOT_IMPLEMENTED,
              what + " is not supported for the current artifact repository");
    };
  }

  private static String partsKey(S3Storage s3, ArtifactPath directory, String file) {
    ArtifactPath name = ArtifactPath.of(file.substring(file.lastIndexOf('/') + 1));
    if (name.isRoot() || name.text().indexOf('#') >= 0) {
      throw ArtifactPath.invalid();
    }
    return s3.key(directory.resolve(name));
  }

  private static String requireUpload(String uploadId) {
    if (uploadId.isEmpty()) {
      throw MillraceException.invalidParameter("upload_id must not be empty.");
    }
    return uploadId;
  }

  /** {@code verify_artifact_path}: a directory is spelt as it will be found. */
  private static void requireNormal(String directory) {
    ArtifactPath path = ArtifactPath.of(directory);
    if (!path.key().equals(directory)) {
      throw MillraceException.invalidParameter(
          ("Invalid artifact path: '%s'. Names may be treated as files in certain cases, and must"
                  + " not resolve to other names when treated as such. This name would resolve to"
                  + " %s")
              .formatted(directory, quoted(path.isRoot() ? "." : path.key())));
    }
  }

  /** As Python quotes a string. */
  private static String quoted(String text) {
    String escaped = text.replace("\\", "\\\\");
    return escaped.contains("'") && !escaped.contains("\"")
        ? "\"%s\"".formatted(escaped)
        : "'%s'".formatted(escaped.replace("'", "\\'"));
  }

  private static String attachment(String name) {
    return name.chars().allMatch(c -> c >= ' ' && c < 127)
        ? "attachment; filename=\"%s\"".formatted(name.replace("\\", "\\\\").replace("\"", "\\\""))
        : "attachment; filename*=UTF-8''"
            + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
