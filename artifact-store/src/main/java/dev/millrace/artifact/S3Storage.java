package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.DeleteObjectsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.HeadObjectResponse;
import io.minio.Http;
import io.minio.ListObjectsV2Args;
import io.minio.PutObjectAPIArgs;
import io.minio.StatObjectArgs;
import io.minio.UploadPartArgs;
import io.minio.errors.MinioException;
import io.minio.messages.DeleteRequest;
import io.minio.messages.Item;
import io.minio.messages.ListBucketResultV2;
import io.minio.messages.ListObjectsResult;
import io.minio.messages.Part;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts as objects below a prefix of an S3 bucket. Keys are a path's segments joined by {@code
 * /}; a directory is what keys have in common. Unlike a disk, S3 allows a file and a directory of
 * one name.
 */
final class S3Storage implements Storage {

  /** The most keys in one page or one deletion, by S3's rules. */
  static final int PAGE_KEYS = 1000;

  private final S3Client client;
  private final String bucket;
  private final String prefix;
  private final int pageKeys;

  /**
   * @param prefix without slashes at its ends; empty for the whole bucket
   */
  private S3Storage(S3Client client, String bucket, String prefix, int pageKeys) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
    this.pageKeys = pageKeys;
  }

  /**
   * A store below {@code location}.
   *
   * @param pageKeys how many keys are listed or deleted in one request, at most {@link #PAGE_KEYS}
   * @throws IllegalArgumentException if it names no bucket
   */
  static S3Storage open(Uri location, S3Client client, int pageKeys) {
    if (location.authority().isEmpty()) {
      throw new IllegalArgumentException("s3:// needs a bucket: s3://bucket/prefix");
    }
    return new S3Storage(
        client, location.authority(), ArtifactPath.of(location.path()).key(), pageKeys);
  }

  @Override
  public void check() {
    page("", null, null, 1);
  }

  @Override
  public Upload upload(ArtifactPath path) {
    try {
      return new S3Upload(this, key(path));
    } catch (IOException e) {
      throw S3Upload.failed(e);
    }
  }

  @Override
  public StoredFile stat(ArtifactPath path) {
    if (path.isRoot()) {
      throw Storage.isDirectory(path);
    }
    try {
      HeadObjectResponse head =
          client.await(
              s3 ->
                  s3.statObject(StatObjectArgs.builder().bucket(bucket).object(key(path)).build()));
      return new StoredFile(head.size(), unquoted(head.etag()), head.lastModified().toInstant());
    } catch (MillraceException e) {
      throw missing(path, e);
    }
  }

  @Override
  public Content open(ArtifactPath path, Slice slice) {
    GetObjectArgs.Builder request = GetObjectArgs.builder().bucket(bucket).object(key(path));
    if (slice.isAll()) {
      GetObjectResponse all = get(path, request);
      StoredFile file = described(all);
      return new Content(file, 0, file.size(), all);
    }
    StoredFile file = stat(path);
    long offset = slice.offset(file.size());
    long length = slice.length(file.size());
    // Replaced between the two: what is read would not be what was described.
    GetObjectResponse part =
        get(path, request.offset(offset).length(length).matchETag(file.etag()));
    return new Content(file, offset, length, part);
  }

  @Override
  public List<Entry> list(ArtifactPath directory) {
    String below = below(directory);
    List<Entry> entries = new ArrayList<>();
    String token = null;
    do {
      ListBucketResultV2 page = page(below, "/", token, pageKeys);
      for (ListObjectsResult.Prefix common : page.commonPrefixes()) {
        String key = key(common.toItem(), page);
        add(entries, new Entry(key.substring(below.length(), key.length() - 1), true, 0));
      }
      for (Item item : page.contents()) {
        // An object named like the directory itself is how some tools mark an empty one.
        String name = key(item, page).substring(below.length());
        add(entries, new Entry(name, false, item.size()));
      }
      token = next(page);
    } while (token != null);
    entries.sort(Entry.BY_NAME);
    return entries;
  }

  @Override
  public void delete(ArtifactPath path) {
    if (!path.endsWithSlash()) {
      deleteAll(List.of(new DeleteRequest.Object(key(path))));
    }
    String token = null;
    do {
      ListBucketResultV2 page = page(below(path), null, token, pageKeys);
      List<DeleteRequest.Object> objects = new ArrayList<>();
      for (Item item : page.contents()) {
        objects.add(new DeleteRequest.Object(key(item, page)));
      }
      deleteAll(objects);
      token = next(page);
    } while (token != null);
  }

  @Override
  public Optional<ArtifactPath> locate(Uri uri) {
    if (!uri.scheme().equals("s3") || !uri.authority().equals(bucket)) {
      return Optional.empty();
    }
    String key = ArtifactPath.of(uri.path()).key();
    if (prefix.isEmpty()) {
      return Optional.of(ArtifactPath.of(key));
    }
    return (key + "/").startsWith(prefix + "/")
        ? Optional.of(ArtifactPath.of(Uri.withoutSlashes(key.substring(prefix.length()))))
        : Optional.empty();
  }

  @Override
  public void close() {
    client.close();
  }

  /**
   * Stores an object whose bytes are the next {@code length} of {@code file}.
   *
   * @param digests of those bytes, as headers; without them the SDK reads the file, forgets where
   *     it began and sends nothing
   */
  void put(String key, RandomAccessFile file, long length, Http.Headers digests) {
    client.await(
        s3 ->
            s3.putObject(
                PutObjectAPIArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .file(file, length)
                    .contentType(contentType(key))
                    .headers(digests)
                    .build()));
  }

  /** Begins an object of many parts, which appears when it is completed; the id of the upload. */
  String begin(String key) {
    return client
        .await(
            s3 ->
                s3.createMultipartUpload(
                    CreateMultipartUploadArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .headers(new Http.Headers(Http.Headers.CONTENT_TYPE, contentType(key)))
                        .build()))
        .result()
        .uploadId();
  }

  /** Stores one part, with a file and digests as in {@link #put}. */
  Part part(
      String key,
      String uploadId,
      int number,
      RandomAccessFile file,
      long length,
      Http.Headers digests) {
    return client
        .await(
            s3 ->
                s3.uploadPart(
                    UploadPartArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .uploadId(uploadId)
                        .partNumber(number)
                        .file(file, length)
                        .headers(digests)
                        .build()))
        .part();
  }

  /** Makes an object of its parts. */
  void complete(String key, String uploadId, List<Part> parts) {
    client.await(
        s3 ->
            s3.completeMultipartUpload(
                CompleteMultipartUploadArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .uploadId(uploadId)
                    .parts(parts.toArray(Part[]::new))
                    .build()));
  }

  /** Forgets an upload and its parts. */
  void abort(String key, String uploadId) {
    client.await(
        s3 ->
            s3.abortMultipartUpload(
                AbortMultipartUploadArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .uploadId(uploadId)
                    .build()));
  }

  /**
   * A URL that lets who has it do one thing without credentials.
   *
   * @param seconds how long it is valid, 1 to 604,800
   * @param parameters of the query, signed with it
   */
  String presign(Http.Method method, String key, int seconds, Map<String, String> parameters) {
    try {
      return client
          .minio()
          .getPresignedObjectUrl(
              GetPresignedObjectUrlArgs.builder()
                  .method(method)
                  .bucket(bucket)
                  .object(key)
                  .expiry(seconds)
                  .extraQueryParams(parameters)
                  .build());
    } catch (MinioException e) {
      throw S3Client.translate(e);
    }
  }

  /** The key of the object at {@code path}. */
  String key(ArtifactPath path) {
    return ArtifactPath.join(prefix, path.key());
  }

  private static String contentType(String key) {
    return ContentTypes.guess(key.substring(key.lastIndexOf('/') + 1)).orElse(ContentTypes.BINARY);
  }

  private GetObjectResponse get(ArtifactPath path, GetObjectArgs.Builder request) {
    if (path.isRoot()) {
      throw Storage.isDirectory(path);
    }
    try {
      return client.await(s3 -> s3.getObject(request.build()));
    } catch (MillraceException e) {
      throw missing(path, e);
    }
  }

  /** An object that is not there may still be a directory. */
  private MillraceException missing(ArtifactPath path, MillraceException e) {
    if (e.code() != ErrorCode.RESOURCE_DOES_NOT_EXIST) {
      return e;
    }
    return page(below(path), null, null, 1).contents().isEmpty()
        ? Storage.noSuch(path)
        : Storage.isDirectory(path);
  }

  private static StoredFile described(GetObjectResponse response) {
    return new StoredFile(
        Long.parseLong(Objects.requireNonNull(response.headers().get("Content-Length"))),
        unquoted(Objects.requireNonNull(response.headers().get("ETag"))),
        ZonedDateTime.parse(
                Objects.requireNonNull(response.headers().get("Last-Modified")),
                DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant());
  }

  private ListBucketResultV2 page(
      String below, @Nullable String delimiter, @Nullable String token, int keys) {
    ListObjectsV2Args.Builder request =
        ListObjectsV2Args.builder()
            .bucket(bucket)
            .prefix(below)
            .maxKeys(keys)
            // Keys may hold characters that XML cannot.
            .encodingType("url");
    if (delimiter != null) {
      request.delimiter(delimiter);
    }
    if (token != null) {
      request.continuationToken(token);
    }
    return client.await(s3 -> s3.listObjectsV2(request.build())).result();
  }

  private static String key(Item item, ListBucketResultV2 page) {
    item.setEncodingType(page.encodingType());
    return item.objectName();
  }

  private static @Nullable String next(ListBucketResultV2 page) {
    return page.isTruncated() ? page.nextContinuationToken() : null;
  }

  /** What the keys in a directory start with. */
  private String below(ArtifactPath directory) {
    String key = directory.isRoot() ? prefix : key(directory);
    return key.isEmpty() ? "" : key + "/";
  }

  private void deleteAll(List<DeleteRequest.Object> objects) {
    if (objects.isEmpty()) {
      return;
    }
    var errors =
        client
            .await(
                s3 ->
                    s3.deleteObjects(
                        DeleteObjectsArgs.builder().bucket(bucket).objects(objects).build()))
            .result()
            .errors();
    if (!errors.isEmpty()) {
      throw new MillraceException(
          ErrorCode.INTERNAL_ERROR,
          "The artifact store did not delete %d objects: %s"
              .formatted(errors.size(), errors.getFirst().message()));
    }
  }

  private static void add(List<Entry> entries, Entry entry) {
    if (!entry.name().isEmpty()) {
      entries.add(entry);
    }
  }

  private static String unquoted(String etag) {
    return etag.replace("\"", "");
  }
}
