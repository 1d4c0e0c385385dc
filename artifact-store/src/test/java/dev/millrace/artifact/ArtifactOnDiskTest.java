package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.grpc.FileSlice;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.CreateMultipartUploadRequest;
import dev.millrace.proto.GetPresignedDownloadUrlRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactOnDiskTest extends ArtifactContract {

  @TempDir static Path temporary = Path.of("");

  private @Nullable Path root;

  @Override
  Storage newStorage() {
    Path directory = temporary.resolve(UUID.randomUUID().toString()).resolve("artifacts");
    root = directory;
    return DiskStorage.open(directory);
  }

  @Override
  boolean isDirect() {
    return false;
  }

  @Test
  void refusesAFileWhereADirectoryIs() {
    client().put("d/a", "x");
    assertThatThrownBy(() -> client().put("d", "y"))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("Cannot store artifact 'd': there is a directory of that name");
    assertThatThrownBy(() -> client().put("d/a/b", "y"))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("Cannot store artifact 'd/a/b': a part of its path is a file");
    client().delete("d/a/b");
    assertThat(client().get("d/a")).isEqualTo("x");
    assertThat(staged()).isEmpty();
  }

  @Test
  void namesAreAsLongAsTheFileSystemAllows() {
    String longest = "d/" + "\u00fc".repeat(127) + "x";
    client().put(longest, "x");
    assertThat(client().get(longest)).isEqualTo("x");
    String tooLong = longest + "x";
    assertThatThrownBy(() -> client().get(tooLong))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST));
    assertThat(client().names(tooLong)).isEmpty();
    client().delete(tooLong);
    assertThatThrownBy(() -> client().put(tooLong, "y"))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessageEndingWith("the name is too long");
    assertThatThrownBy(() -> client().put("d/" + "x/".repeat(2500) + "x", "y"))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessageEndingWith("the name is too long");
    assertThat(staged()).isEmpty();
  }

  @Test
  void refusesWhatBecomesADirectoryDuringTheUpload() throws IOException {
    try (DiskStorage storage = DiskStorage.open(root())) {
      try (Upload upload = storage.upload(ArtifactPath.of("x"))) {
        client().put("x/y", "1");
        upload.write(ByteBuffer.wrap(new byte[1]));
        assertThatThrownBy(upload::commit).satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
      }
    }
    assertThat(client().names("")).containsExactly("x/");
  }

  @Test
  void followsLinksOnlyWithinTheStore() throws IOException {
    Path outside = Files.createDirectory(temporary.resolve(UUID.randomUUID().toString()));
    Files.writeString(outside.resolve("secret"), "secret");
    client().put("real/a", "x");
    Files.createSymbolicLink(root().resolve("inside"), root().resolve("real"));
    Files.createSymbolicLink(root().resolve("file"), root().resolve("real/a"));
    Files.createSymbolicLink(root().resolve("out"), outside);
    Files.createSymbolicLink(root().resolve("leak"), outside.resolve("secret"));
    Files.createSymbolicLink(root().resolve("dangling"), outside.resolve("none"));
    Files.createSymbolicLink(root().resolve("up"), Path.of(".."));
    Files.createSymbolicLink(root().resolve("staged"), Path.of(DiskRoot.STAGING));

    assertThat(client().names("")).containsExactly("file", "inside/", "real/");
    assertThat(client().get("inside/a")).isEqualTo("x");
    assertThat(client().get("file")).isEqualTo("x");
    for (String path :
        List.of("out/secret", "out/none", "leak", "dangling", "up/x", "staged/x", "out/d/e")) {
      assertOutside(() -> client().get(path));
      assertOutside(() -> client().put(path, "y"));
      assertOutside(() -> client().names(path));
      assertOutside(() -> client().delete(path));
    }
    client().delete("real");
    assertThat(client().names("")).isEmpty();
    assertThat(outside.resolve("secret")).hasContent("secret");
    try (Stream<Path> files = Files.list(outside)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void doesNotFollowLinksWhenItDeletes() throws IOException {
    Path outside = Files.createDirectory(temporary.resolve(UUID.randomUUID().toString()));
    Files.writeString(outside.resolve("kept"), "x");
    client().put("tree/a", "x");
    Files.createSymbolicLink(root().resolve("tree/out"), outside);
    client().delete("tree");
    assertThat(outside.resolve("kept")).exists();
    assertThat(client().names("")).isEmpty();
  }

  @Test
  void clearsWhatAKilledProcessLeft() throws IOException {
    Path killed = root().resolve(DiskRoot.STAGING).resolve(UUID.randomUUID().toString());
    Files.createDirectories(killed.resolve("tree/below"));
    Files.writeString(killed.resolve("half"), "half an artifact");
    Files.writeString(killed.resolve("lock"), "");
    Upload underWay = DiskStorage.open(root()).upload(ArtifactPath.of("survivor"));
    underWay.write(ByteBuffer.wrap(new byte[3]));
    try (DiskStorage next = DiskStorage.open(root())) {
      assertThat(killed).doesNotExist();
      underWay.commit();
      assertThat(next.stat(ArtifactPath.of("survivor")).size()).isEqualTo(3);
    }
    assertThat(client().names("")).containsExactly("survivor");
  }

  @Test
  void theStagingFolderIsNoArtifact() {
    client().put("a", "x");
    for (String path :
        List.of(DiskRoot.STAGING, DiskRoot.STAGING + "/lock", "./" + DiskRoot.STAGING)) {
      assertThatThrownBy(() -> client().get(path))
          .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
      assertThatThrownBy(() -> client().names(path))
          .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
      assertThatThrownBy(() -> client().delete(path))
          .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
    }
    assertThatThrownBy(() -> client().put(DiskRoot.STAGING + "/x", "x"))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
    assertThat(client().names("")).containsExactly("a");
  }

  @Test
  void uploadsSurviveDeletionsAroundThem() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        String path = "tree/d%d/file".formatted(i % 4);
        threads.execute(() -> client().put(path, "x"));
        threads.execute(() -> client().delete("tree"));
      }
    }
    client().put("tree/last", "x");
    assertThat(client().get("tree/last")).isEqualTo("x");
    assertThat(staged()).isEmpty();
  }

  @Test
  void hidesWhatMlflowIsUploading() throws IOException {
    client().put("d/a", "x");
    Files.writeString(root().resolve("d/.artifact.uploading.1"), "half");
    assertThat(client().names("d")).containsExactly("a");
  }

  @Test
  void givesItsOwnProcessTheOpenFile() throws IOException {
    client().put("f", "0123456789");
    ByteRange middle = ByteRange.newBuilder().setFirst(2).setLast(4).build();
    try (FileSlice part = client().open("f", middle)) {
      client().put("f", "replaced");
      assertThat(read(part)).isEqualTo("234");
    }
    try (FileSlice all = client().open("f", ByteRange.getDefaultInstance())) {
      client().delete("f");
      assertThat(read(all)).isEqualTo("replaced");
    }
    assertThatThrownBy(() -> client().open("f", ByteRange.getDefaultInstance()))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST));
  }

  private static String read(@Nullable FileSlice slice) throws IOException {
    if (slice == null) {
      throw new IllegalStateException();
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) slice.length());
    slice.file().read(bytes, slice.offset());
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  @Test
  void doesNotOfferItself() {
    CreateMultipartUploadRequest create =
        CreateMultipartUploadRequest.newBuilder().setArtifactPath("d").setPath("f").build();
    assertThatThrownBy(() -> Client.attempt(() -> client().calls().createMultipartUpload(create)))
        .satisfies(code(ErrorCode.NOT_IMPLEMENTED))
        .hasMessage("Multipart upload is not supported for the current artifact repository");
    GetPresignedDownloadUrlRequest presigned =
        GetPresignedDownloadUrlRequest.newBuilder().setArtifactPath("d").build();
    assertThatThrownBy(
            () -> Client.attempt(() -> client().calls().getPresignedDownloadUrl(presigned)))
        .satisfies(code(ErrorCode.NOT_IMPLEMENTED))
        .hasMessage("Multipart download is not supported for the current artifact repository");
  }

  private Path root() {
    if (root == null) {
      throw new IllegalStateException();
    }
    return root;
  }

  /** Files that are not there yet, or no more. */
  private List<Path> staged() {
    try (Stream<Path> files = Files.walk(root().resolve(DiskRoot.STAGING))) {
      return files.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertOutside(ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("Invalid path: resolved path is outside the artifact directory");
  }
}
