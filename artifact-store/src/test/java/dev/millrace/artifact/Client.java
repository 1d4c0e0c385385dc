package dev.millrace.artifact;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.FileSlice;
import dev.millrace.platform.grpc.GrpcHost;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingV2Stub;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.DeleteArtifactRequest;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.DownloadInfo;
import dev.millrace.proto.FileInfo;
import dev.millrace.proto.ListStoredArtifactsRequest;
import dev.millrace.proto.UploadArtifactRequest;
import dev.millrace.proto.UploadArtifactResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An artifact store on a {@link Storage}, served and called as in production. */
final class Client implements AutoCloseable {

  private static final int CHUNK_BYTES = 64 << 10;

  final Lookups lookups = new Lookups();
  private final Storage storage;
  private final GrpcHost tracking;
  private final GrpcHost host;
  private final ManagedChannel toTracking;
  private final ManagedChannel channel;

  /** In this process, or over TCP. */
  Client(Storage storage, boolean tcp) {
    this.storage = storage;
    Target trackingTarget = new Target.InProcess("tracking-" + UUID.randomUUID());
    tracking = GrpcHost.start(trackingTarget, () -> {}, (_, _) -> {}, lookups.services());
    toTracking = trackingTarget.connect();
    Artifacts artifacts = new Artifacts(storage);
    Owners owners = new Owners(toTracking, artifacts);
    Target listen =
        tcp
            ? new Target.Tcp("127.0.0.1", 0)
            : new Target.InProcess("artifact-" + UUID.randomUUID());
    host =
        GrpcHost.start(
            listen,
            artifacts::check,
            new ArtifactAccess(artifacts, owners),
            List.of(new ArtifactRpc(artifacts, owners)));
    channel = (tcp ? new Target.Tcp("127.0.0.1", host.port()) : listen).connect();
  }

  /** A downloaded file. */
  record Downloaded(DownloadInfo info, ByteString bytes) {}

  static ArtifactTarget inRoot(String path) {
    return ArtifactTarget.newBuilder()
        .setRoot(ArtifactTarget.Root.getDefaultInstance())
        .setPath(path)
        .build();
  }

  static ArtifactTarget below(String rootUri, String path) {
    return ArtifactTarget.newBuilder().setRootUri(rootUri).setPath(path).build();
  }

  static ArtifactTarget ofRun(String runId, String path) {
    return ArtifactTarget.newBuilder().setRunId(runId).setPath(path).build();
  }

  ArtifactServiceBlockingStub calls() {
    return ArtifactServiceGrpc.newBlockingStub(channel);
  }

  /** Calls with back-pressure: a write waits for the server, a read asks for one message. */
  ArtifactServiceBlockingV2Stub streams() {
    return ArtifactServiceGrpc.newBlockingV2Stub(channel);
  }

  void put(String path, String content) {
    put(path, content.getBytes(StandardCharsets.UTF_8));
  }

  void put(String path, byte[] content) {
    put(inRoot(path), content, content.length);
  }

  void put(ArtifactTarget target, byte[] content, long announced) {
    put(target, new ByteArrayInputStream(content), announced);
  }

  void put(ArtifactTarget target, InputStream content, long announced) {
    try {
      BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> call =
          begin(target, announced);
      byte[] chunk = new byte[CHUNK_BYTES];
      int read;
      while ((read = content.readNBytes(chunk, 0, chunk.length)) > 0
          && call.write(data(ByteString.copyFrom(chunk, 0, read)))) {}
      call.halfClose();
      call.read();
      // The status of a call whose answer was read already.
      call.read();
    } catch (StatusException e) {
      throw translated(e);
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An upload whose bytes go to the store in this process as they are, without messages. */
  void putDirectly(ArtifactTarget target, byte[] content, long announced) {
    try {
      Direct upload = beginDirectly(target, announced);
      ByteBuffer piece = ByteBuffer.allocateDirect(CHUNK_BYTES);
      for (int from = 0; from < content.length; from += CHUNK_BYTES) {
        int length = Math.min(CHUNK_BYTES, content.length - from);
        if (!upload.sink().write(piece.clear().put(content, from, length).flip())) {
          break;
        }
      }
      upload.call().halfClose();
      upload.call().read();
      upload.call().read();
    } catch (StatusException e) {
      throw translated(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An upload that has begun, and where its bytes go. */
  record Direct(
      BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> call, ByteSink sink) {}

  Direct beginDirectly(ArtifactTarget target, long announced)
      throws InterruptedException, StatusException {
    Handover<ByteSink> direct = new Handover<>(ByteSink.class);
    BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> call =
        direct.on(streams()).uploadArtifact();
    call.write(first(target, announced));
    call.write(data(ByteString.EMPTY));
    ByteSink sink = direct.take();
    return new Direct(call, sink == null ? _ -> false : sink);
  }

  private static UploadArtifactRequest first(ArtifactTarget target, long announced) {
    UploadArtifactRequest.Builder first = UploadArtifactRequest.newBuilder().setTarget(target);
    return (announced < 0 ? first : first.setSize(announced)).build();
  }

  /** The open file instead of its bytes; null if the store keeps no files. */
  @Nullable FileSlice open(String path, ByteRange range) {
    Handover<FileSlice> direct = new Handover<>(FileSlice.class);
    try {
      BlockingClientCall<?, DownloadArtifactResponse> call =
          direct
              .on(streams())
              .downloadArtifact(
                  DownloadArtifactRequest.newBuilder()
                      .setTarget(inRoot(path))
                      .setRange(range)
                      .build());
      call.read();
      FileSlice slice = direct.take();
      if (slice == null) {
        call.cancel("Only the file was wanted", null);
      } else if (call.read() != null) {
        throw new IllegalStateException("Bytes came beside the file");
      }
      return slice;
    } catch (StatusException e) {
      throw translated(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An upload that has begun, and goes on as the test likes. */
  BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> begin(
      ArtifactTarget target, long announced) throws InterruptedException, StatusException {
    BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> call =
        streams().uploadArtifact();
    call.write(first(target, announced));
    return call;
  }

  static UploadArtifactRequest data(ByteString bytes) {
    return UploadArtifactRequest.newBuilder().setData(bytes).build();
  }

  String get(String path) {
    return download(inRoot(path), ByteRange.getDefaultInstance()).bytes().toStringUtf8();
  }

  Downloaded download(ArtifactTarget target, ByteRange range) {
    ByteString.Output bytes = ByteString.newOutput();
    DownloadInfo info = download(target, range, bytes);
    return new Downloaded(info, bytes.toByteString());
  }

  DownloadInfo download(ArtifactTarget target, ByteRange range, OutputStream to) {
    try {
      BlockingClientCall<?, DownloadArtifactResponse> call =
          streams()
              .downloadArtifact(
                  DownloadArtifactRequest.newBuilder().setTarget(target).setRange(range).build());
      DownloadArtifactResponse first = call.read();
      DownloadInfo info = first == null ? DownloadInfo.getDefaultInstance() : first.getInfo();
      for (DownloadArtifactResponse next = call.read(); next != null; next = call.read()) {
        next.getData().writeTo(to);
      }
      return info;
    } catch (StatusException e) {
      throw translated(e);
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The names in a directory of the store; those of directories end with a slash. */
  List<String> names(String directory) {
    ListStoredArtifactsRequest request =
        ListStoredArtifactsRequest.newBuilder().setPath(directory).build();
    return named(attempt(() -> calls().listStoredArtifacts(request)).getFilesList());
  }

  static List<String> named(List<FileInfo> files) {
    return files.stream().map(file -> file.getPath() + (file.getIsDir() ? "/" : "")).toList();
  }

  void delete(String path) {
    attempt(
        () ->
            calls()
                .deleteArtifact(DeleteArtifactRequest.newBuilder().setArtifactPath(path).build()));
  }

  /** The result of a call, or its error in MLflow's terms. */
  static <T> T attempt(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + (i >>> 13));
    }
    return bytes;
  }

  private static MillraceException translated(StatusException e) {
    return Errors.fromStatus(e);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    host.close();
    toTracking.shutdownNow();
    tracking.close();
    storage.close();
  }
}
