package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.proto.AbortMultipartUploadRequest;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.CompleteMultipartUploadRequest;
import dev.millrace.proto.CreateMultipartUploadRequest;
import dev.millrace.proto.CreateMultipartUploadResponse;
import dev.millrace.proto.CreatePresignedDownloadUrlRequest;
import dev.millrace.proto.CreatePresignedUploadUrlRequest;
import dev.millrace.proto.GetPresignedDownloadUrlRequest;
import dev.millrace.proto.ListArtifactsRequest;
import dev.millrace.proto.MultipartUploadPart;
import dev.millrace.testing.S3Server;
import io.minio.ListMultipartUploadsArgs;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactOnS3Test extends ArtifactContract {

  @TempDir static Path temporary = Path.of("");

  /** So small that every list of the tests has pages. */
  private static final int PAGE_KEYS = 2;

  private static @Nullable S3Server started;
  private String bucket = "";

  @BeforeAll
  static void start() {
    // On disk: what is streamed would not fit in memory.
    started = S3Server.on(temporary);
  }

  private static S3Server server() {
    return Objects.requireNonNull(started);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  @Override
  Storage newStorage() {
    bucket = server().newBucket();
    return storage("s3://%s/some/prefix/".formatted(bucket));
  }

  private static S3Storage storage(String location) {
    return S3Storage.open(
        Uri.parse(location),
        new S3Client(
            new ArtifactStoreConfiguration(
                location,
                "in-process:a",
                "in-process:t",
                server().endpoint(),
                "us-east-1",
                server().accessKey(),
                server().secretKey())),
        PAGE_KEYS);
  }

  @Override
  boolean isDirect() {
    return true;
  }

  @Test
  void findsRunsThatNameTheBucketItself() {
    client().lookups.put("direct", "s3://%s/some/prefix/1/r/artifacts".formatted(bucket));
    client().lookups.put("above", "s3://%s/some/prefix-not/1".formatted(bucket));
    client().put(Client.ofRun("direct", "d/a"), new byte[1], 1);
    assertThat(client().names("1/r/artifacts/d")).containsExactly("a");
    var list =
        client()
            .calls()
            .listArtifacts(ListArtifactsRequest.newBuilder().setRunId("direct").build());
    assertThat(Client.named(list.getFilesList())).containsExactly("d/");
    assertThatThrownBy(() -> client().put(Client.ofRun("above", "a"), new byte[1], 1))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  @Test
  void keepsToItsPrefix() {
    client().put("a", "x");
    try (S3Storage whole = storage("s3://" + bucket)) {
      assertThat(whole.list(ArtifactPath.of("some/prefix"))).hasSize(1);
      assertThat(whole.stat(ArtifactPath.of("some/prefix/a")).size()).isEqualTo(1);
    }
  }

  @Test
  void hasNoOpenFilesToGive() {
    client().put("f", "x");
    assertThat(client().open("f", ByteRange.getDefaultInstance())).isNull();
  }

  @Test
  void leavesNoPartsOfAnUploadThatIsCutOff() throws Exception {
    try (S3Storage storage = storage("s3://" + bucket)) {
      Upload upload = storage.upload(ArtifactPath.of("big"));
      upload.write(ByteBuffer.allocate((int) S3Upload.PART_BYTES + 1));
      assertThat(uploads()).isEqualTo(1);
      upload.close();
      assertThat(uploads()).isZero();
      assertThat(storage.list(ArtifactPath.ROOT)).isEmpty();
    }
  }

  @Test
  void clientsUploadPartsByThemselves() throws Exception {
    CreateMultipartUploadResponse created =
        client()
            .calls()
            .createMultipartUpload(
                CreateMultipartUploadRequest.newBuilder()
                    .setArtifactPath("run/artifacts")
                    .setPath("/home/somebody/big file.bin")
                    .setNumParts(2)
                    .build());
    byte[] first = Client.bytes(5 << 20);
    byte[] second = Client.bytes(1000);
    CompleteMultipartUploadRequest complete =
        CompleteMultipartUploadRequest.newBuilder()
            .setArtifactPath("run/artifacts")
            .setPath("/home/somebody/big file.bin")
            .setUploadId(created.getUploadId())
            .addParts(uploaded(created, 0, first))
            .addParts(uploaded(created, 1, second))
            .build();
    assertThat(client().names("run/artifacts")).isEmpty();
    var unused = client().calls().completeMultipartUpload(complete);
    assertThat(whole("run/artifacts/big file.bin").bytes())
        .isEqualTo(ByteString.copyFrom(first).concat(ByteString.copyFrom(second)));
  }

  @Test
  void clientsAbortTheirUploads() {
    CreateMultipartUploadRequest create =
        CreateMultipartUploadRequest.newBuilder()
            .setArtifactPath("d")
            .setPath("f")
            .setNumParts(1)
            .build();
    AbortMultipartUploadRequest abort =
        AbortMultipartUploadRequest.newBuilder()
            .setArtifactPath("d")
            .setPath("f")
            .setUploadId(client().calls().createMultipartUpload(create).getUploadId())
            .build();
    assertThat(uploads()).isEqualTo(1);
    var unused = client().calls().abortMultipartUpload(abort);
    assertThat(uploads()).isZero();
    assertThatThrownBy(
            () ->
                Client.attempt(
                    () ->
                        client()
                            .calls()
                            .createMultipartUpload(create.toBuilder().setNumParts(10_001).build())))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
    assertThatThrownBy(
            () ->
                Client.attempt(
                    () ->
                        client()
                            .calls()
                            .createMultipartUpload(create.toBuilder().setPath("a/..").build())))
        .hasMessage("Invalid path");
  }

  @Test
  void clientsReadAndWriteByThemselves() throws Exception {
    client().lookups.put("direct", "s3://%s/some/prefix/r".formatted(bucket));
    client().lookups.put("proxied", "mlflow-artifacts:/r");
    client().put("r/\u00fc.txt", "hello");

    var byPath =
        client()
            .calls()
            .getPresignedDownloadUrl(
                GetPresignedDownloadUrlRequest.newBuilder()
                    .setArtifactPath("r/\u00fc.txt")
                    .build());
    assertThat(byPath.getFileSize()).isEqualTo(5);
    HttpResponse<String> read = send(HttpRequest.newBuilder(URI.create(byPath.getUrl())).build());
    assertThat(read.body()).isEqualTo("hello");
    assertThat(byPath.getUrl()).contains("attachment%3B%20filename%2A%3DUTF-8%27%27%25C3%25BC.txt");

    CreatePresignedDownloadUrlRequest ofRun =
        CreatePresignedDownloadUrlRequest.newBuilder()
            .setRunId("direct")
            .setPath("\u00fc.txt")
            .build();
    String url = client().calls().createPresignedDownloadUrl(ofRun).getPresignedUrl();
    assertThat(send(HttpRequest.newBuilder(URI.create(url)).build()).body()).isEqualTo("hello");

    var upload =
        client()
            .calls()
            .createPresignedUploadUrl(
                CreatePresignedUploadUrlRequest.newBuilder()
                    .setRunId("direct")
                    .setPath("new.png")
                    .build());
    assertThat(upload.getHeadersMap()).containsEntry("Content-Type", "image/png");
    HttpResponse<String> written =
        send(
            HttpRequest.newBuilder(URI.create(upload.getPresignedUrl()))
                .header("Content-Type", "image/png")
                .PUT(HttpRequest.BodyPublishers.ofString("png"))
                .build());
    assertThat(written.statusCode()).isEqualTo(200);
    assertThat(client().get("r/new.png")).isEqualTo("png");

    assertThatThrownBy(
            () ->
                Client.attempt(
                    () ->
                        client()
                            .calls()
                            .createPresignedDownloadUrl(
                                ofRun.toBuilder().setRunId("proxied").build())))
        .hasMessageStartingWith(
            "Presigned download is not supported for runs with proxied artifact storage (artifact"
                + " URI scheme: mlflow-artifacts).");
    assertThatThrownBy(
            () ->
                Client.attempt(
                    () ->
                        client()
                            .calls()
                            .createPresignedDownloadUrl(
                                ofRun.toBuilder().setExpiration(604_801).build())))
        .hasMessage("expiration must be between 1 and 604800 seconds (got 604801).");
  }

  @Test
  void saysWhenTheStoreIsWrong() {
    try (S3Storage none = storage("s3://no-such-bucket")) {
      assertThatThrownBy(none::check).satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST));
    }
    ArtifactStoreConfiguration stranger =
        new ArtifactStoreConfiguration(
            "s3://" + bucket, "", "", server().endpoint(), "us-east-1", "stranger", "wrong-secret");
    try (S3Storage forbidden =
        S3Storage.open(Uri.parse("s3://" + bucket), new S3Client(stranger), PAGE_KEYS)) {
      assertThatThrownBy(forbidden::check)
          .satisfies(thrown -> assertThat(thrown.getMessage()).startsWith("The artifact store"));
    }
  }

  private static MultipartUploadPart uploaded(
      CreateMultipartUploadResponse created, int index, byte[] bytes) throws Exception {
    var credential = created.getCredentials(index);
    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(URI.create(credential.getUrl()))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .build());
    return MultipartUploadPart.newBuilder()
        .setPartNumber(credential.getPartNumber())
        .setEtag(response.headers().firstValue("ETag").orElseThrow())
        .build();
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Multi-part uploads that were begun and not ended. */
  private int uploads() {
    try (S3Client client =
        new S3Client(
            new ArtifactStoreConfiguration(
                "",
                "",
                "",
                server().endpoint(),
                "us-east-1",
                server().accessKey(),
                server().secretKey()))) {
      return client
          .await(
              s3 ->
                  s3.listMultipartUploads(
                      ListMultipartUploadsArgs.builder().bucket(bucket).build()))
          .result()
          .uploads()
          .size();
    }
  }
}
