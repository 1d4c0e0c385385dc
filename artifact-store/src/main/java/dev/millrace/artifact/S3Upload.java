package dev.millrace.artifact;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import io.minio.Http;
import io.minio.messages.Part;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object whose size is not known before its end: parts are gathered in a temporary file, which
 * keeps memory constant whatever the number of uploads, and sent as they fill. A small object is
 * sent in one request.
 */
final class S3Upload implements Upload {

  private static final Logger log = LoggerFactory.getLogger(S3Upload.class);

  /** 32 MiB; with S3's limit of 10,000 parts, an object may have 312 GiB. */
  static final long PART_BYTES = 32L << 20;

  private final S3Storage storage;
  private final String key;
  private final RandomAccessFile file;
  private final FileChannel gathered;
  private final List<Part> parts = new ArrayList<>();
  private final MessageDigest sha256 = digest("SHA-256");
  private final MessageDigest md5 = digest("MD5");
  private @Nullable String uploadId;

  S3Upload(S3Storage storage, String key) throws IOException {
    this.storage = storage;
    this.key = key;
    Path path = Files.createTempFile("millrace-part-", null);
    this.file = new RandomAccessFile(path.toFile(), "rw");
    this.gathered = file.getChannel();
    // Without a name it goes with its last user, even if the process is killed.
    Files.delete(path);
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      long room = PART_BYTES - gathered.position();
      ByteBuffer fitting = bytes.slice();
      fitting.limit((int) Math.min(room, bytes.remaining()));
      sha256.update(fitting.duplicate());
      md5.update(fitting.duplicate());
      bytes.position(bytes.position() + fitting.remaining());
      while (fitting.hasRemaining()) {
        gathered.write(fitting);
      }
      if (gathered.position() == PART_BYTES) {
        sendPart();
      }
    }
  }

  @Override
  public void commit() throws IOException {
    if (uploadId == null) {
      long length = gathered.position();
      gathered.position(0);
      storage.put(key, file, length, digests());
      return;
    }
    if (gathered.position() > 0) {
      sendPart();
    }
    storage.complete(key, uploadId, parts);
    uploadId = null;
  }

  @Override
  public void close() throws IOException {
    file.close();
    String unfinished = uploadId;
    uploadId = null;
    if (unfinished != null) {
      try {
        storage.abort(key, unfinished);
      } catch (MillraceException e) {
        // Its parts are invisible, and the bucket's life-cycle rules may clear them.
        log.warn("Cannot abort the upload of {}: {}", key, e.text());
      }
    }
  }

  private void sendPart() throws IOException {
    if (uploadId == null) {
      uploadId = storage.begin(key);
    }
    long length = gathered.position();
    gathered.position(0);
    parts.add(storage.part(key, uploadId, parts.size() + 1, file, length, digests()));
    gathered.truncate(0);
    gathered.position(0);
  }

  /** What the service checks the gathered bytes by. */
  private Http.Headers digests() {
    return new Http.Headers(
        Map.of(
            Http.Headers.X_AMZ_CONTENT_SHA256,
            HexFormat.of().formatHex(sha256.digest()),
            Http.Headers.CONTENT_MD5,
            Base64.getEncoder().encodeToString(md5.digest())));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static MillraceException failed(IOException e) {
    return new MillraceException(
        ErrorCode.INTERNAL_ERROR, "Cannot gather the artifact: " + e.getMessage(), e);
  }
}
