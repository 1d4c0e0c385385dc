package dev.millrace.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** A real S3 server (s3proxy) on a free local port. It checks signatures. */
public final class S3Server implements AutoCloseable {

  private final S3Proxy server;
  private final BlobStore store;

  private S3Server(BlobStore store) {
    this.store = store;
    this.server =
        S3Proxy.builder()
            .blobStore(store)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey(), secretKey())
            .build();
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot start the S3 server", e);
    }
  }

  /** Starts a server that keeps its objects in memory. */
  public static S3Server inMemory() {
    return new S3Server(new TransientNio2BlobStore());
  }

  /** Starts a server that keeps its objects below {@code folder}, for objects that do not fit. */
  public static S3Server on(Path folder) {
    try {
      return new S3Server(new FilesystemNio2BlobStore(Files.createDirectories(folder).toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://host:port}; buckets are named in the path. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getPort();
  }

  public String accessKey() {
    return "test-access-key";
  }

  public String secretKey() {
    return "test-secret-key";
  }

  /** The name of a new, empty bucket. */
  public String newBucket() {
    String name = "bucket-" + UUID.randomUUID();
    store.createContainer(name);
    return name;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot stop the S3 server", e);
    }
  }
}
