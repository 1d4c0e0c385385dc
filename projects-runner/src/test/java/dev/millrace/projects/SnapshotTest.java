package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.GetSnapshotRequest;
import dev.millrace.proto.Snapshot;
import dev.millrace.proto.SnapshotServiceGrpc;
import dev.millrace.proto.UploadSnapshotRequest;
import dev.millrace.proto.UploadSnapshotResponse;
import dev.millrace.testing.Together;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots, called by gRPC like in real life. */
final class SnapshotTest {

  private static final long MAX_BYTES = 1000;

  @TempDir private Path folder;
  private GrpcHost host;
  private ManagedChannel channel;

  @BeforeEach
  void open() {
    open(true);
  }

  private void open(boolean isOn) {
    String listen = "in-process:" + UUID.randomUUID();
    host =
        GrpcHost.start(
            Target.parse(listen),
            () -> {},
            Access.NONE,
            List.of(new SnapshotRpc(new Snapshots(folder.resolve("snapshots"), MAX_BYTES, isOn))));
    channel = Target.parse(listen).connect();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    host.close();
  }

  @Test
  void aSnapshotIsThereWhenItIsWhole() throws Exception {
    byte[] content = "a project".getBytes(StandardCharsets.UTF_8);
    String sha256 = sha256(content);
    assertFails(
        ErrorCode.RESOURCE_DOES_NOT_EXIST,
        "Snapshot '%s' does not exist.".formatted(sha256),
        () -> find(sha256));
    assertThat(upload(sha256, content).getSize()).isEqualTo(9);
    assertThat(find(sha256).getSize()).isEqualTo(9);
    assertThat(upload(sha256, content).getSha256()).isEqualTo(sha256);
    assertThat(files()).hasSize(1);
  }

  @Test
  void otherBytesThanThoseOfTheNameLeaveNothing() throws Exception {
    String sha256 = sha256("wanted".getBytes(StandardCharsets.UTF_8));
    byte[] other = "other".getBytes(StandardCharsets.UTF_8);
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "Invalid value for parameter 'sha256' supplied: the digest of the 5 bytes received is %s."
            .formatted(sha256(other)),
        () -> upload(sha256, other));
    assertThat(files()).isEmpty();
  }

  @Test
  void tooManyBytesLeaveNothing() throws Exception {
    byte[] content = new byte[(int) MAX_BYTES + 1];
    String message = "The snapshot is too large: at most 1000 bytes are taken.";
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> upload(sha256(content), content));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE, message, () -> upload(sha256(content), content, 1001));
    assertThat(files()).isEmpty();
    byte[] most = new byte[(int) MAX_BYTES];
    assertThat(upload(sha256(most), most, 1000).getSize()).isEqualTo(1000);
  }

  @Test
  void aNameIsADigestAndNothingElse() throws Exception {
    for (String name : List.of("", "..", "../" + "a".repeat(61), "A".repeat(64), "a".repeat(65))) {
      String message =
          "Invalid value for parameter 'sha256' supplied: it must be 64 hexadecimal digits in lower"
              + " case.";
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> find(name));
      assertFails(ErrorCode.INVALID_PARAMETER_VALUE, message, () -> upload(name, new byte[3]));
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void anUploadThatBreaksOffLeavesNothing() throws Exception {
    byte[] content = "a project".getBytes(StandardCharsets.UTF_8);
    BlockingClientCall<UploadSnapshotRequest, UploadSnapshotResponse> call =
        SnapshotServiceGrpc.newBlockingV2Stub(channel).uploadSnapshot();
    call.write(
        UploadSnapshotRequest.newBuilder()
            .setSha256(sha256(content))
            .setData(ByteString.copyFrom(content))
            .build());
    // It has begun; else what it leaves would come after the test had looked.
    await(false);
    call.cancel("expected by the test", null);
    await(true);
  }

  private void await(boolean empty) throws Exception {
    long end = System.nanoTime() + 10_000_000_000L;
    while (files().isEmpty() != empty && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertThat(files().isEmpty()).isEqualTo(empty);
  }

  @Test
  void whatNobodyNeedsOrUsesIsDeleted() throws Exception {
    String unused = stored("unused", 31);
    String used = stored("used", 31);
    String uploaded = stored("uploaded", 31);
    String needed = stored("needed", 31);
    String fetched = stored("fetched meanwhile", 31);
    String recent = stored("recent", 29);
    Path partial = snapshots().file(used).resolveSibling("." + used + ".x");
    Files.writeString(partial, "half");
    aged(partial, Duration.ofMinutes(59));
    Path left = snapshots().file(unused).resolveSibling("." + unused + ".x");
    Files.writeString(left, "half");
    aged(left, Duration.ofMinutes(61));
    find(used);
    upload(uploaded, "uploaded".getBytes(StandardCharsets.UTF_8));
    snapshots()
        .sweep(
            Duration.ofDays(30),
            some -> {
              assertThat(some).doesNotContain(used, uploaded, recent);
              snapshots().use(fetched);
              return some.contains(needed) ? Set.of(needed) : Set.of();
            });
    assertThat(files())
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrder(
            used, uploaded, needed, fetched, recent, partial.getFileName().toString());
    assertThat(find(fetched).getSize()).isEqualTo(17);
  }

  @Test
  void whereNoneHasComeNothingIsDeleted() throws Exception {
    snapshots().sweep(Duration.ofDays(30), _ -> Set.of());
    assertThat(files()).isEmpty();
  }

  private Snapshots snapshots() {
    return new Snapshots(folder.resolve("snapshots"), MAX_BYTES, true);
  }

  /** The digest of a snapshot that was last used some days ago. */
  private String stored(String content, int days) throws Exception {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String sha256 = sha256(bytes);
    upload(sha256, bytes);
    aged(snapshots().file(sha256), Duration.ofDays(days));
    return sha256;
  }

  private static void aged(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void manyMayUploadTheSame() throws Exception {
    byte[] content = "a project".getBytes(StandardCharsets.UTF_8);
    Together.run(16, _ -> assertThat(uploaded(content)).isEqualTo(9));
    assertThat(files()).hasSize(1);
  }

  @Test
  void whereProjectsAreOffNothingIsTaken() {
    close();
    open(false);
    assertFails(
        ErrorCode.NOT_IMPLEMENTED,
        "Projects are switched off on this server; its option '--projects local' switches them on.",
        () -> upload(sha256(new byte[3]), new byte[3]));
    assertThat(folder.resolve("snapshots")).doesNotExist();
  }

  private long uploaded(byte[] content) {
    try {
      return upload(sha256(content), content).getSize();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Snapshot upload(String sha256, byte[] content) throws Exception {
    return upload(sha256, content, -1);
  }

  private Snapshot upload(String sha256, byte[] content, long size) throws Exception {
    BlockingClientCall<UploadSnapshotRequest, UploadSnapshotResponse> call =
        SnapshotServiceGrpc.newBlockingV2Stub(channel).uploadSnapshot();
    UploadSnapshotRequest.Builder first = UploadSnapshotRequest.newBuilder().setSha256(sha256);
    if (size >= 0) {
      first.setSize(size);
    }
    try {
      boolean wanted = call.write(first.build());
      for (int i = 0; i < content.length && wanted; i += 100) {
        int count = Math.min(100, content.length - i);
        wanted =
            call.write(
                UploadSnapshotRequest.newBuilder()
                    .setData(ByteString.copyFrom(content, i, count))
                    .build());
      }
      call.halfClose();
      Snapshot snapshot = call.read().getSnapshot();
      assertThat(call.read()).isNull();
      return snapshot;
    } catch (StatusException e) {
      throw new StatusRuntimeException(e.getStatus(), e.getTrailers());
    }
  }

  private Snapshot find(String sha256) {
    return SnapshotServiceGrpc.newBlockingStub(channel)
        .getSnapshot(GetSnapshotRequest.newBuilder().setSha256(sha256).build())
        .getSnapshot();
  }

  private List<Path> files() throws IOException {
    if (!Files.exists(folder.resolve("snapshots"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder.resolve("snapshots"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static void assertFails(ErrorCode code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(Errors.fromStatus(e).text()).isEqualTo(message);
              assertThat(Errors.fromStatus(e).code()).isEqualTo(code);
            });
  }
}
