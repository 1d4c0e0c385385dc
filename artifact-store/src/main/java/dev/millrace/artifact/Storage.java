package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Optional;

/**
 * Where artifacts are kept. Every path is below one root; a file appears whole or not at all, and
 * replaces another in one step.
 */
sealed interface Storage extends AutoCloseable permits DiskStorage, S3Storage {

  /**
   * Looks whether the store answers.
   *
   * @throws MillraceException if it does not
   */
  void check();

  /**
   * Starts to write a file; its directories come into being with it.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if the path cannot be a file's
   */
  Upload upload(ArtifactPath path);

  /**
   * What is known of a file.
   *
   * @throws MillraceException RESOURCE_DOES_NOT_EXIST if there is none, BAD_REQUEST if it is a
   *     directory
   */
  StoredFile stat(ArtifactPath path);

  /**
   * Opens a file for reading. What is read stays the same when the file is replaced meanwhile.
   *
   * @throws MillraceException as {@link #stat}; INVALID_PARAMETER_VALUE if the slice is outside
   */
  Content open(ArtifactPath path, Slice slice);

  /** What is in a directory, sorted by name; nothing if it is none. */
  List<Entry> list(ArtifactPath directory);

  /** Deletes a file, or a directory with all in it; nothing happens if it does not exist. */
  void delete(ArtifactPath path);

  /** The path in this store that a URI of the store's own scheme names, if it is in this store. */
  Optional<ArtifactPath> locate(Uri uri);

  @Override
  void close();

  static MillraceException noSuch(ArtifactPath path) {
    return MillraceException.notFound("No such artifact: '%s'".formatted(path.text()));
  }

  /**
   * How the real server words it on every route; its artifact route puts it in a FastAPI detail.
   */
  static MillraceException isDirectory(ArtifactPath path) {
    return new MillraceException(
        ErrorCode.BAD_REQUEST,
        "Artifact path refers to a directory, not a file: '%s'".formatted(path.text()));
  }
}
